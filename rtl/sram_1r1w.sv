// SPDX-License-Identifier: Apache-2.0
// Memory with one port to write and one to read; a macro can take its place.
//
// Latency: a word asked for with read_i stands on data_o from the next cycle until the next read. A read in the cycle of
//          a write to the same word gets the old one.
// Reset:   none.
module sram_1r1w #(
    parameter int Width    = 8,
    parameter int AddrBits = 4
) (
    input  logic                clk_i,
    input  logic                write_i,
    input  logic [AddrBits-1:0] write_addr_i,
    input  logic [   Width-1:0] data_i,
    input  logic                read_i,
    input  logic [AddrBits-1:0] read_addr_i,
    output logic [   Width-1:0] data_o
);
  logic [Width-1:0] words[1<<AddrBits];
  always_ff @(posedge clk_i) begin
    if (write_i) words[write_addr_i] <= data_i;
    if (read_i) data_o <= words[read_addr_i];
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    assert (write_i !== 1'b1 || !$isunknown(write_addr_i))
    else $error("sram_1r1w: a word was written nowhere");
  end
`endif
endmodule
