// SPDX-License-Identifier: Apache-2.0
// Integer multiply-accumulate: sum_o = sum_i + act_i * weight_i, two's complement, wrapping at SumBits.
//
// Latency: Stages cycles. With two or more, one register stands behind the multiplier.
// Reset:   none; data only.
module int_mac #(
    parameter int Stages     = 1,
    parameter int ActBits    = 8,
    parameter int WeightBits = 8,
    parameter int SumBits    = 32
) (
    input  logic                         clk_i,
    input  logic signed [   ActBits-1:0] act_i,
    input  logic signed [WeightBits-1:0] weight_i,
    input  logic        [   SumBits-1:0] sum_i,
    output logic        [   SumBits-1:0] sum_o
);
  localparam int ProductBits = ActBits + WeightBits;

  logic signed [ProductBits-1:0] product;
  logic signed [ProductBits-1:0] product_late;
  logic [SumBits-1:0] sum_late;

  assign product = act_i * weight_i;

  delay #(
      .Width(ProductBits + SumBits),
      .Depth(Stages > 1 ? 1 : 0)
  ) i_behind_multiplier (
      .clk_i (clk_i),
      .rst_ni(1'b1),
      .data_i({product, sum_i}),
      .data_o({product_late, sum_late})
  );
  delay #(
      .Width(SumBits),
      .Depth(Stages > 1 ? Stages - 1 : 1)
  ) i_behind_adder (
      .clk_i (clk_i),
      .rst_ni(1'b1),
      .data_i(sum_late + SumBits'(product_late)),
      .data_o(sum_o)
  );
endmodule
