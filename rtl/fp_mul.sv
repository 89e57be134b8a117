// SPDX-License-Identifier: Apache-2.0
// Floating-point product of an IEEE binary32 and a narrower float, rounded to binary32.
//
// b_i is {sign, ExpB bits of exponent with bias BiasB, FracB bits of fraction}; exponent 0 is zero. With ExpB = 8 an
// exponent of all ones is infinity or NaN; a narrower one has neither (an INT8 weight needs none: see int8_to_float.sv).
// Rounds to nearest, ties to even. Subnormals, coming in or going out, are zeros of their sign. Every NaN leaves as
// 0x7fc00000; infinity times zero is NaN.
//
// Latency: Cut cycles (0 or 1; the register stands behind the integer multiplier).
// Reset:   none; data only.
module fp_mul #(
    parameter int ExpB  = 8,
    parameter int FracB = 23,
    parameter int BiasB = 127,
    parameter int Cut   = 0
) (
    input  logic                clk_i,
    input  logic [        31:0] a_i,
    input  logic [ExpB+FracB:0] b_i,
    output logic [        31:0] product_o
);
  localparam int SigBits = 25 + FracB;  // 24 of a and FracB + 1 of b, multiplied in full

  logic [7:0] exp_a;
  logic [ExpB-1:0] exp_b;
  logic nan_a, inf_a, zero_a, nan_b, inf_b, zero_b;
  assign exp_a  = a_i[30:23];
  assign exp_b  = b_i[ExpB+FracB-1-:ExpB];
  assign zero_a = exp_a == 0;
  assign zero_b = exp_b == 0;
  assign inf_a  = exp_a == 8'hff && a_i[22:0] == 0;
  assign nan_a  = exp_a == 8'hff && a_i[22:0] != 0;
  assign inf_b  = ExpB == 8 && (&exp_b) && b_i[FracB-1:0] == 0;
  assign nan_b  = ExpB == 8 && (&exp_b) && b_i[FracB-1:0] != 0;

  // Up to the register: the exact product.
  logic [SigBits-1:0] sig, sig_late;
  logic signed [10:0] exp, exp_late;
  logic sign, nan, infinite, zero, sign_late, nan_late, infinite_late, zero_late;
  assign sig = SigBits'({1'b1, a_i[22:0]}) * SigBits'({1'b1, b_i[FracB-1:0]});
  assign exp = $signed(11'(exp_a)) + $signed(11'(exp_b)) - 11'(BiasB);
  assign sign = a_i[31] ^ b_i[ExpB+FracB];
  assign nan = nan_a || nan_b || (inf_a && zero_b) || (inf_b && zero_a);
  assign infinite = inf_a || inf_b;
  assign zero = zero_a || zero_b;

  delay #(
      .Width(SigBits + 15),
      .Depth(Cut)
  ) i_cut (
      .clk_i (clk_i),
      .rst_ni(1'b1),
      .data_i({sig, exp, sign, nan, infinite, zero}),
      .data_o({sig_late, exp_late, sign_late, nan_late, infinite_late, zero_late})
  );

  // Behind it: normalise (the product lies in [1, 4)), round, and sort out what does not fit.
  logic [SigBits-1:0] norm;
  logic round_up;
  logic [23:0] rounded;  // a carry out of the fraction leaves zeros in it, which is right as it stands
  logic signed [10:0] exp_out;
  assign norm = sig_late[SigBits-1] ? sig_late : sig_late << 1;
  assign round_up = norm[SigBits-25] && ((|norm[SigBits-26:0]) || norm[SigBits-24]);
  assign rounded = {1'b0, norm[SigBits-2-:23]} + 24'(round_up);
  assign exp_out = exp_late + 11'(sig_late[SigBits-1]) + 11'(rounded[23]);

  assign product_o = nan_late ? 32'h7fc0_0000
      : (infinite_late || (!zero_late && exp_out >= 255)) ? {sign_late, 8'hff, 23'b0}
      : (zero_late || exp_out <= 0) ? {sign_late, 31'b0}
      : {sign_late, exp_out[7:0], rounded[22:0]};
endmodule
