// SPDX-License-Identifier: Apache-2.0
// Floating-point sum of two IEEE binary32 numbers.
//
// Rounds to nearest, ties to even. Subnormals, coming in or going out, are zeros of their sign; x - x is +0. Every NaN
// leaves as 0x7fc00000; infinity minus infinity is NaN.
//
// Latency: Cut cycles (0 or 1; the register stands behind the integer adder, before normalisation).
// Reset:   none; data only.
module fp_add #(
    parameter int Cut = 0
) (
    input  logic        clk_i,
    input  logic [31:0] a_i,
    input  logic [31:0] b_i,
    output logic [31:0] sum_o
);
  // Up to the register: align the smaller to the larger, and add or subtract. Three more bits (guard, round, sticky)
  // are enough to round right.
  logic swap, subtract, nan, infinite, inf_sign;
  logic [31:0] big;
  logic [30:0] little;
  logic [26:0] sig_big, sig_little, shifted, lost, aligned;
  logic [ 7:0] distance;
  logic [27:0] total;
  assign swap = b_i[30:0] > a_i[30:0];
  assign big = swap ? b_i : a_i;
  assign little = swap ? a_i[30:0] : b_i[30:0];
  assign subtract = a_i[31] ^ b_i[31];
  assign sig_big = big[30:23] == 0 ? 27'b0 : {1'b1, big[22:0], 3'b0};
  assign sig_little = little[30:23] == 0 ? 27'b0 : {1'b1, little[22:0], 3'b0};
  assign distance = big[30:23] - little[30:23];
  assign shifted = distance > 26 ? 27'b0 : sig_little >> distance[4:0];
  assign lost = distance > 26 ? sig_little : sig_little & ~({27{1'b1}} << distance[4:0]);
  assign aligned = shifted | 27'(|lost);
  assign total = subtract ? {1'b0, sig_big} - {1'b0, aligned} : {1'b0, sig_big} + {1'b0, aligned};
  assign nan       = (big[30:23] == 8'hff && big[22:0] != 0) || (little[30:23] == 8'hff && little[22:0] != 0)
      || (big[30:23] == 8'hff && little[30:23] == 8'hff && subtract);
  assign infinite = big[30:23] == 8'hff;
  assign inf_sign = big[31];

  logic [27:0] total_late;
  logic [ 7:0] exp_late;
  logic sign_late, both_negative_late, nan_late, infinite_late;
  delay #(
      .Width(40),
      .Depth(Cut)
  ) i_cut (
      .clk_i (clk_i),
      .rst_ni(1'b1),
      .data_i({total, big[30:23], inf_sign, a_i[31] && b_i[31], nan, infinite}),
      .data_o({total_late, exp_late, sign_late, both_negative_late, nan_late, infinite_late})
  );

  // Behind it: bring the leading one to bit 27 in five halvings, round, and sort out what does not fit.
  logic [27:0] by16, by8, by4, by2;
  logic [26:0] norm;  // below the leading one
  logic zeros16, zeros8, zeros4, zeros2, zeros1;
  assign zeros16 = total_late[27:12] == 0;
  assign by16    = zeros16 ? total_late << 16 : total_late;
  assign zeros8  = by16[27:20] == 0;
  assign by8     = zeros8 ? by16 << 8 : by16;
  assign zeros4  = by8[27:24] == 0;
  assign by4     = zeros4 ? by8 << 4 : by8;
  assign zeros2  = by4[27:26] == 0;
  assign by2     = zeros2 ? by4 << 2 : by4;
  assign zeros1  = !by2[27];
  assign norm    = zeros1 ? {by2[25:0], 1'b0} : by2[26:0];

  logic round_up;
  logic [23:0] rounded;  // a carry out of the fraction leaves zeros in it, which is right as it stands
  logic [4:0] zeros;
  logic signed [9:0] exp_out;
  assign zeros = {zeros16, zeros8, zeros4, zeros2, zeros1};
  assign round_up = norm[3] && ((|norm[2:0]) || norm[4]);
  assign rounded = {1'b0, norm[26:4]} + 24'(round_up);
  assign exp_out = $signed(10'(exp_late)) + 10'sd1 - $signed(10'(zeros)) + 10'(rounded[23]);

  assign sum_o = nan_late ? 32'h7fc0_0000
      : infinite_late ? {sign_late, 8'hff, 23'b0}
      : total_late == 0 ? {both_negative_late, 31'b0}
      : exp_out >= 255 ? {sign_late, 8'hff, 23'b0}
      : exp_out <= 0 ? {sign_late, 31'b0}
      : {sign_late, exp_out[7:0], rounded[22:0]};
endmodule
