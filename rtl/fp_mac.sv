// SPDX-License-Identifier: Apache-2.0
// Floating-point multiply-accumulate in binary32: sum_o = sum_i + act_i * weight_i, rounded twice (product, then sum).
//
// weight_i has 12 bits (an INT8 weight out of int8_to_float.sv: SASP's hybrid) or 32 (binary32).
//
// Latency: Stages cycles. 2: a register between multiplier and adder; 3: one inside the adder too; 4: one inside the
//          multiplier too; beyond that the sum waits.
// Reset:   none; data only.
module fp_mac #(
    parameter int Stages   = 1,
    parameter int CellBits = 12
) (
    input  logic                clk_i,
    input  logic [        31:0] act_i,
    input  logic [CellBits-1:0] weight_i,
    input  logic [        31:0] sum_i,
    output logic [        31:0] sum_o
);
  localparam int CutMul = Stages > 3 ? 1 : 0;
  localparam int CutBetween = Stages > 1 ? 1 : 0;
  localparam int CutAdd = Stages > 2 ? 1 : 0;

  logic [31:0] product, product_late, sum_late, sum;

  fp_mul #(
      .ExpB (CellBits == 32 ? 8 : 4),
      .FracB(CellBits == 32 ? 23 : 7),
      .BiasB(CellBits == 32 ? 127 : 1),
      .Cut  (CutMul)
  ) i_mul (
      .clk_i    (clk_i),
      .a_i      (act_i),
      .b_i      (weight_i),
      .product_o(product)
  );
  delay #(
      .Width(32),
      .Depth(CutBetween)
  ) i_product (
      .clk_i (clk_i),
      .rst_ni(1'b1),
      .data_i(product),
      .data_o(product_late)
  );
  delay #(
      .Width(32),
      .Depth(CutMul + CutBetween)
  ) i_sum (
      .clk_i (clk_i),
      .rst_ni(1'b1),
      .data_i(sum_i),
      .data_o(sum_late)
  );
  fp_add #(
      .Cut(CutAdd)
  ) i_add (
      .clk_i(clk_i),
      .a_i  (product_late),
      .b_i  (sum_late),
      .sum_o(sum)
  );
  delay #(
      .Width(32),
      .Depth(Stages - CutMul - CutBetween - CutAdd)
  ) i_out (
      .clk_i (clk_i),
      .rst_ni(1'b1),
      .data_i(sum),
      .data_o(sum_o)
  );
endmodule
