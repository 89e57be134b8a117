// SPDX-License-Identifier: Apache-2.0
// Fills a memory from a valid/ready stream, from address 0 up, until the word marked last.
//
// clear_i begins a new stream, or, with skip_i, says that none will come. count_o is the number of words taken; those
// that do not fit are taken, counted once and thrown away: full_o stays up, so that a stream never hangs.
//
// Latency: a word is in the memory one cycle after its handshake. ready_o does not depend on valid_i.
// Reset:   comes up complete, taking nothing.
module loader #(
    parameter int AddrBits = 4
) (
    input  logic                clk_i,
    input  logic                rst_ni,
    input  logic                clear_i,
    input  logic                skip_i,
    input  logic                valid_i,
    output logic                ready_o,
    input  logic                last_i,
    output logic                write_o,
    output logic [AddrBits-1:0] addr_o,
    output logic                complete_o,
    output logic [  AddrBits:0] count_o,
    output logic                full_o
);
  logic complete_q, over_q;
  logic [AddrBits:0] count_q;
  logic taken, no_room;

  assign taken      = valid_i && !complete_q;
  assign no_room    = count_q[AddrBits];
  assign ready_o    = !complete_q;
  assign write_o    = taken && !no_room;
  assign addr_o     = count_q[AddrBits-1:0];
  assign complete_o = complete_q;
  assign count_o    = count_q;
  assign full_o     = over_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      complete_q <= 1'b1;
      count_q    <= '0;
      over_q     <= 1'b0;
    end else if (clear_i) begin
      complete_q <= skip_i;
      count_q    <= '0;
      over_q     <= 1'b0;
    end else if (taken) begin
      complete_q <= last_i;
      count_q    <= no_room ? count_q : count_q + 1'b1;
      over_q     <= over_q || no_room;
    end
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      assert (count_q <= (AddrBits + 1)'(1 << AddrBits))
      else $error("loader: more words than the memory holds");
      assert (!over_q || no_room)
      else $error("loader: full_o before the memory was full");
      assert (!write_o || ready_o)
      else $error("loader: a word was written that was not taken");
    end
  end
`endif
endmodule
