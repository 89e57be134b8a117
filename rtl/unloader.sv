// SPDX-License-Identifier: Apache-2.0
// Sends rows x cols words of a memory, row by row, into a valid/ready stream; a column never written leaves as zeros.
//
// start_i begins; done_o is up in the cycle in which the last word is handed over. The memory (sram_1r1w) holds the word
// that waits, so there is no buffer here: the next is read when the one before goes.
//
// Latency: the first word is offered two cycles after start_i; then one a cycle, if it is taken.
//          valid_o does not depend on ready_i; a word offered stays until it is taken.
// Reset:   idle.
module unloader #(
    parameter int RowBits  = 8,
    parameter int ColBits  = 4,
    parameter int AddrBits = 8
) (
    input  logic                  clk_i,
    input  logic                  rst_ni,
    input  logic                  start_i,
    input  logic [   RowBits-1:0] rows_i,
    input  logic [   ColBits-1:0] cols_i,
    input  logic [2**ColBits-1:0] written_i,
    output logic                  read_o,
    output logic [  AddrBits-1:0] addr_o,
    output logic                  valid_o,
    input  logic                  ready_i,
    output logic                  zero_o,
    output logic                  last_o,
    output logic                  done_o
);
  logic more_q, valid_q, zero_q, last_q;
  logic [AddrBits-1:0] addr_q;
  logic [RowBits-1:0] row_q;
  logic [ColBits-1:0] col_q;
  logic last_row, last_col;

  assign last_row = row_q == rows_i - 1'b1;
  assign last_col = col_q == cols_i - 1'b1;
  assign read_o   = more_q && (!valid_q || ready_i);
  assign addr_o   = addr_q;
  assign valid_o  = valid_q;
  assign zero_o   = zero_q;
  assign last_o   = last_q;
  assign done_o   = valid_q && ready_i && last_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      more_q  <= 1'b0;
      valid_q <= 1'b0;
    end else begin
      if (start_i) more_q <= 1'b1;
      else if (read_o && last_row && last_col) more_q <= 1'b0;
      valid_q <= read_o || (valid_q && !ready_i);
    end
    if (start_i) begin
      addr_q <= '0;
      row_q  <= '0;
      col_q  <= '0;
    end else if (read_o) begin
      addr_q <= addr_q + 1'b1;
      col_q  <= last_col ? '0 : col_q + 1'b1;
      row_q  <= last_col ? row_q + 1'b1 : row_q;
      zero_q <= !written_i[col_q];
      last_q <= last_row && last_col;
    end
  end

`ifndef SYNTHESIS
  logic waits_q, offered_zero_q, offered_last_q;
  always_ff @(posedge clk_i) begin
    waits_q        <= rst_ni && valid_o && !ready_i;
    offered_zero_q <= zero_o;
    offered_last_q <= last_o;
    if (rst_ni) begin
      assert (!waits_q || (valid_o && zero_o == offered_zero_q && last_o == offered_last_q))
      else $error("unloader: an offer was taken back or changed");
      assert (!start_i || !(more_q || valid_q))
      else $error("unloader: started within a matrix");
    end
  end
`endif
endmodule
