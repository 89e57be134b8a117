// SPDX-License-Identifier: Apache-2.0
// The live-tile bitmap: written in words of ScanBits, read as a window of ScanBits that may begin at any bit.
//
// Two banks hold the even and the odd words, so that a window across two words costs one read of each.
//
// Latency: the window at pos_i stands on window_o in the next cycle. Bits past the last word are whatever was there.
// Reset:   none.
module bitmap #(
    parameter int ScanBits = 8,  // a power of two
    parameter int PosBits  = 8   // holds 2**PosBits bits, at least two words
) (
    input  logic                                 clk_i,
    input  logic                                 write_i,
    input  logic [PosBits-$clog2(ScanBits)-1:0] write_addr_i,
    input  logic [                 ScanBits-1:0] data_i,
    input  logic [                  PosBits-1:0] pos_i,
    output logic [                 ScanBits-1:0] window_o
);
  localparam int Shift = $clog2(ScanBits);
  localparam int WordAddrBits = PosBits - Shift;
  localparam int BankAddrBits = WordAddrBits - 1;

  logic [WordAddrBits-1:0] word, word_next;
  logic [ScanBits-1:0] even, odd;
  logic [PosBits-1:0] pos_q;
  assign word      = pos_i[PosBits-1:Shift];
  assign word_next = word + 1'b1;

  sram_1r1w #(
      .Width   (ScanBits),
      .AddrBits(BankAddrBits)
  ) i_even (
      .clk_i       (clk_i),
      .write_i     (write_i && !write_addr_i[0]),
      .write_addr_i(write_addr_i[WordAddrBits-1:1]),
      .data_i      (data_i),
      .read_i      (1'b1),
      .read_addr_i (word_next[WordAddrBits-1:1]),
      .data_o      (even)
  );
  sram_1r1w #(
      .Width   (ScanBits),
      .AddrBits(BankAddrBits)
  ) i_odd (
      .clk_i       (clk_i),
      .write_i     (write_i && write_addr_i[0]),
      .write_addr_i(write_addr_i[WordAddrBits-1:1]),
      .data_i      (data_i),
      .read_i      (1'b1),
      .read_addr_i (word[WordAddrBits-1:1]),
      .data_o      (odd)
  );
  always_ff @(posedge clk_i) pos_q <= pos_i;

  logic odd_first;
  logic [PosBits-1:0] offset;
  logic [2*ScanBits-1:0] both;
  assign odd_first = pos_q[Shift];
  assign offset    = pos_q & PosBits'(ScanBits - 1);
  assign both      = (odd_first ? {even, odd} : {odd, even}) >> offset;
  assign window_o  = both[ScanBits-1:0];

  logic unused;
  assign unused = (^both[2*ScanBits-1:ScanBits]) ^ word_next[0];
endmodule
