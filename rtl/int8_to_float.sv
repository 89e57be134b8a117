// SPDX-License-Identifier: Apache-2.0
// An INT8 weight as the twelve-bit float that fp_mul.sv takes: {sign, exponent with bias 1, seven bits of fraction}.
//
// Exact for all of [-128, 127]. Done once at the array's edge, so that no processing element normalises a weight.
//
// Latency: 0. Reset: none.
module int8_to_float (
    input  logic [ 7:0] int_i,
    output logic [11:0] float_o
);
  logic [7:0] magnitude, by4, by2;
  logic [6:0] fraction;
  logic zeros4, zeros2, zeros1;
  assign magnitude = int_i[7] ? -int_i : int_i;  // 128 for -128
  assign zeros4    = magnitude[7:4] == 0;
  assign by4       = zeros4 ? magnitude << 4 : magnitude;
  assign zeros2    = by4[7:6] == 0;
  assign by2       = zeros2 ? by4 << 2 : by4;
  assign zeros1    = !by2[7];
  assign fraction  = zeros1 ? {by2[5:0], 1'b0} : by2[6:0];
  assign float_o   = {int_i[7], int_i == 0 ? 4'd0 : 4'd8 - 4'({zeros4, zeros2, zeros1}), fraction};
endmodule
