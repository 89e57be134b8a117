// SPDX-License-Identifier: Apache-2.0
// Processing element: one multiply-accumulate a cycle, for an array that keeps its weights or its sums.
//
// Weight stationary (OutputStationary = 0): sum_o = sum_i + act_i * weight held.
//   Weights come down the column as fast as sums do, and are held where take_i says: take_i[b] puts the passing word into
//   register b. select_i says which register multiplies; it rides with the activations, so a swap travels with the
//   wavefront and no element waits for another. With DoubleBuffered = 0 there is one register: take_i[1] and select_i
//   must be 0.
// Output stationary (OutputStationary = 1): the held sum, which is sum_o, gains act_i * weight_i every cycle, or, with
//   select_i, begins anew with it. A cycle without a product brings act_i = 0. take passes through: it marks a sum's last
//   product, so that take_o says that sum_o is whole. Stages must be 1; sum_i is not used.
//
// Format 0: integers. Format 1: binary32 activations and sums, INT8 weights as int8_to_float.sv makes them (12 bits).
// Format 2: binary32 throughout.
//
// Latency: sum and weight Stages, activation, select and take 1 cycle.
// Reset:   take and select only; a sum is garbage until rows have come, and whoever reads it knows when.
module pe #(
    parameter int OutputStationary = 0,
    parameter int Format           = 0,
    parameter int Stages           = 1,
    parameter int DoubleBuffered   = 1,
    parameter int ActBits          = 8,
    parameter int CellBits         = 8,
    parameter int SumBits          = 32
) (
    input  logic                clk_i,
    input  logic                rst_ni,
    input  logic [CellBits-1:0] weight_i,
    output logic [CellBits-1:0] weight_o,
    input  logic [         1:0] take_i,
    output logic [         1:0] take_o,
    input  logic                select_i,
    output logic                select_o,
    input  logic [ ActBits-1:0] act_i,
    output logic [ ActBits-1:0] act_o,
    input  logic [ SumBits-1:0] sum_i,
    output logic [ SumBits-1:0] sum_o
);
  logic [CellBits-1:0] factor;
  logic [SumBits-1:0] addend, total;
  assign sum_o = total;

  delay #(
      .Width(CellBits),
      .Depth(Stages)
  ) i_weight (
      .clk_i (clk_i),
      .rst_ni(1'b1),
      .data_i(weight_i),
      .data_o(weight_o)
  );
  delay #(
      .Width(3),
      .Reset(1)
  ) i_control (
      .clk_i (clk_i),
      .rst_ni(rst_ni),
      .data_i({take_i, select_i}),
      .data_o({take_o, select_o})
  );
  delay #(
      .Width(ActBits)
  ) i_act (
      .clk_i (clk_i),
      .rst_ni(1'b1),
      .data_i(act_i),
      .data_o(act_o)
  );

  if (OutputStationary != 0) begin : g_outputs
    assign factor = weight_i;
    assign addend = select_i ? '0 : total;
    logic unused;
    assign unused = ^sum_i;
  end else begin : g_weights
    logic [CellBits-1:0] held0_q;
    always_ff @(posedge clk_i) if (take_i[0]) held0_q <= weight_i;
    if (DoubleBuffered != 0) begin : g_two
      logic [CellBits-1:0] held1_q;
      always_ff @(posedge clk_i) if (take_i[1]) held1_q <= weight_i;
      assign factor = select_i ? held1_q : held0_q;
    end else begin : g_single
      assign factor = held0_q;
    end
    assign addend = sum_i;
  end

  if (Format == 0) begin : g_int
    int_mac #(
        .Stages    (Stages),
        .ActBits   (ActBits),
        .WeightBits(CellBits),
        .SumBits   (SumBits)
    ) i_mac (
        .clk_i   (clk_i),
        .act_i   (act_i),
        .weight_i(factor),
        .sum_i   (addend),
        .sum_o   (total)
    );
  end else begin : g_float
    fp_mac #(
        .Stages  (Stages),
        .CellBits(CellBits)
    ) i_mac (
        .clk_i   (clk_i),
        .act_i   (act_i),
        .weight_i(factor),
        .sum_i   (addend),
        .sum_o   (total)
    );
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      assert (OutputStationary != 0 || take_i != 2'b11)
      else $error("pe: one weight for both registers");
      assert (OutputStationary != 0 || DoubleBuffered != 0 || !(take_i[1] || select_i))
      else $error("pe: the second weight register was asked for where there is one");
    end
  end
`endif
endmodule
