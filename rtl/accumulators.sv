// SPDX-License-Identifier: Apache-2.0
// On-chip partial sums: adds a row of Cols sums to the row at an address, or begins it.
//
// A row's address comes on read_addr_i one cycle before its sums (read_i), then on write_addr_i with them (write_i).
// init_i writes the sums as they come. A read that meets a write to the same row gets what is being written.
// The read port serves others between runs: data_o is the row asked for one cycle earlier.
// Format 0 adds integers, wrapping at SumBits; 1 and 2 add binary32 (fp_add.sv).
//
// Latency: the sums of one cycle are in memory in the next. Reset: of the bypass only.
module accumulators #(
    parameter int Format   = 0,
    parameter int Cols     = 4,
    parameter int SumBits  = 32,
    parameter int AddrBits = 8
) (
    input  logic                    clk_i,
    input  logic                    rst_ni,
    input  logic                    read_i,
    input  logic [    AddrBits-1:0] read_addr_i,
    input  logic                    write_i,
    input  logic                    init_i,
    input  logic [    AddrBits-1:0] write_addr_i,
    input  logic [Cols*SumBits-1:0] sum_i,
    output logic [Cols*SumBits-1:0] data_o
);
  logic [Cols*SumBits-1:0] stored, total, total_q;
  logic bypass, bypass_q;

  sram_1r1w #(
      .Width   (Cols * SumBits),
      .AddrBits(AddrBits)
  ) i_sums (
      .clk_i       (clk_i),
      .write_i     (write_i),
      .write_addr_i(write_addr_i),
      .data_i      (total),
      .read_i      (read_i),
      .read_addr_i (read_addr_i),
      .data_o      (stored)
  );

  assign bypass = read_i && write_i && read_addr_i == write_addr_i;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) bypass_q <= 1'b0;
    else if (read_i) bypass_q <= bypass;
    if (bypass) total_q <= total;
  end
  assign data_o = bypass_q ? total_q : stored;

  for (genvar col = 0; col < Cols; col++) begin : g_col
    logic [SumBits-1:0] old, new_, added;
    assign old  = data_o[(col+1)*SumBits-1:col*SumBits];
    assign new_ = sum_i[(col+1)*SumBits-1:col*SumBits];
    if (Format == 0) begin : g_int
      assign added = old + new_;
    end else begin : g_float
      fp_add i_add (
          .clk_i(clk_i),
          .a_i  (old),
          .b_i  (new_),
          .sum_o(added)
      );
    end
    assign total[(col+1)*SumBits-1:col*SumBits] = init_i ? new_ : added;
  end

`ifndef SYNTHESIS
  logic read_q;
  logic [AddrBits-1:0] read_addr_q;
  always_ff @(posedge clk_i) begin
    read_q      <= rst_ni && read_i;
    read_addr_q <= read_addr_i;
    if (rst_ni) begin
      assert (!write_i || init_i || (read_q && read_addr_q == write_addr_i))
      else $error("accumulators: sums for a row that was not read the cycle before");
    end
  end
`endif
endmodule
