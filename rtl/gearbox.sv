// SPDX-License-Identifier: Apache-2.0
// Makes a row out of the words of a narrow port: the row stands on row_o in the cycle in which its last word comes.
//
// The first word is the row's low end. With Words = 1 it is a wire. The row's owner knows when it is whole.
//
// Latency: 0 behind the last word. Reset: none; data only.
module gearbox #(
    parameter int Words    = 1,
    parameter int WordBits = 32,
    parameter int RowBits  = 32
) (
    input  logic                clk_i,
    input  logic                valid_i,
    input  logic [WordBits-1:0] word_i,
    output logic [ RowBits-1:0] row_o
);
  logic [Words*WordBits-1:0] row;
  if (Words == 1) begin : g_wire
    assign row = word_i;
    logic unused;
    assign unused = clk_i & valid_i;
  end else begin : g_collect
    logic [(Words-1)*WordBits-1:0] held_q;
    assign row = {word_i, held_q};
    always_ff @(posedge clk_i) if (valid_i) held_q <= row[Words*WordBits-1:WordBits];
  end
  assign row_o = row[RowBits-1:0];
  if (Words * WordBits > RowBits) begin : g_rest
    logic unused_rest;
    assign unused_rest = ^row[Words*WordBits-1:RowBits];
  end
endmodule
