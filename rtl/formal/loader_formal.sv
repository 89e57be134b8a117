// SPDX-License-Identifier: Apache-2.0
// What a stream into the machine may rely on: it is never blocked before its last word, every word taken is written once
// and in order or counted as too many, and behind the last word nothing is taken.
module loader_formal (
    input logic clk_i,
    input logic clear_i,
    input logic skip_i,
    input logic valid_i,
    input logic last_i
);
  logic started_q = 1'b0;
  always_ff @(posedge clk_i) started_q <= 1'b1;

  logic ready, write, complete, full;
  logic [1:0] addr;
  logic [2:0] count;
  loader #(
      .AddrBits(2)
  ) i_load (
      .clk_i     (clk_i),
      .rst_ni    (started_q),
      .clear_i   (clear_i),
      .skip_i    (skip_i),
      .valid_i   (valid_i),
      .ready_o   (ready),
      .last_i    (last_i),
      .write_o   (write),
      .addr_o    (addr),
      .complete_o(complete),
      .count_o   (count),
      .full_o    (full)
  );

  logic cleared_q = 1'b0, closed_q = 1'b0;
  logic [4:0] taken_q = '0;
  always_ff @(posedge clk_i) begin
    if (clear_i && started_q) begin
      cleared_q <= 1'b1;
      closed_q  <= skip_i;
      taken_q   <= '0;
    end else if (valid_i && ready) begin
      closed_q <= last_i;
      taken_q  <= taken_q == 5'd31 ? taken_q : taken_q + 5'd1;
    end
  end
  always_ff @(posedge clk_i) begin
    if (started_q) begin
      assert (ready == !complete);
      if (!cleared_q) assert (complete);
      if (cleared_q) begin
        assert (complete == closed_q);
        assert (count == (taken_q > 5'd4 ? 3'd4 : taken_q[2:0]));
        assert (full == (taken_q > 5'd4));
        assert (write == (valid_i && ready && taken_q < 5'd4));
        if (write) assert (5'(addr) == taken_q);
      end
    end
  end
endmodule
