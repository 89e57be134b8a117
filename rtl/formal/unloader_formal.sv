// SPDX-License-Identifier: Apache-2.0
// What the result stream promises whoever takes it, at any pace: a word offered stays, none is lost or doubled, they come
// in order, the last one and only it is marked, and columns never written come as zeros.
module unloader_formal #(
    parameter int TotalRows = 3,
    parameter int TotalCols = 2
) (
    input logic clk_i,
    input logic ready_i,
    input logic [3:0] written_i
);
  logic started_q = 1'b0, start_q = 1'b0, begun_q = 1'b0;
  logic [3:0] written_q;
  always_ff @(posedge clk_i) begin
    started_q <= 1'b1;
    written_q <= written_i;
  end
  always_comb if (started_q) assume (written_i == written_q);

  logic read, valid, zero, last, done;
  logic [4:0] addr, data;
  always_ff @(posedge clk_i) if (read) data <= addr;  // the memory holds its address in every word
  unloader #(
      .RowBits (3),
      .ColBits (2),
      .AddrBits(5)
  ) i_unload (
      .clk_i    (clk_i),
      .rst_ni   (started_q),
      .start_i  (start_q),
      .rows_i   (3'(TotalRows)),
      .cols_i   (2'(TotalCols)),
      .written_i(written_i),
      .read_o   (read),
      .addr_o   (addr),
      .valid_o  (valid),
      .ready_i  (ready_i),
      .zero_o   (zero),
      .last_o   (last),
      .done_o   (done)
  );
  always_ff @(posedge clk_i) begin
    start_q <= started_q && !begun_q;
    begun_q <= started_q;
  end

  logic [5:0] taken_q = '0;
  logic done_q = 1'b0;
  logic waits_q = 1'b0, zero_q, last_q;
  logic [4:0] data_q;
  always_ff @(posedge clk_i) begin
    taken_q <= taken_q + 6'(begun_q && valid && ready_i);
    done_q  <= done_q || (begun_q && done);
    waits_q <= begun_q && valid && !ready_i;
    zero_q  <= zero;
    last_q  <= last;
    data_q  <= data;
  end
  always_ff @(posedge clk_i) begin
    if (begun_q) begin
      if (waits_q) assert (valid && data == data_q && zero == zero_q && last == last_q);
      if (valid) begin
        assert (data == taken_q[4:0]);
        assert (last == (taken_q + 6'd1 == 6'(TotalRows * TotalCols)));
        assert (zero == !written_q[taken_q % 6'(TotalCols)]);
      end
      assert (done == (valid && ready_i && last));
      if (done_q) assert (!valid && taken_q == 6'(TotalRows * TotalCols));
      cover (done_q);
    end
  end
endmodule
