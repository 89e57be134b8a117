// SPDX-License-Identifier: Apache-2.0
// Weight-stationary array of Rows (reduction) x Cols (outputs) elements, with the triangles that skew what comes in and
// straighten what goes out: outside it every row is one word in one cycle.
//
// A weight row and its take word enter together, rows in rising order; take_i has two bits a row (pe.sv): the rows
// that hold this word, usually one. An activation row enters with select_i, the weight register that it meets.
// Latency, t being the cycle in which a word is on the inputs:
//   * a weight row i taken at t is held by element (i, c) from t + i * Stages + c + 1 on: no weight overtakes the
//     wavefront of the pass before, which moves down as fast. The activations of the same pass may enter as soon as its
//     last weight row has, one cycle later; the next load may begin together with them if it goes to the other register,
//     and one cycle after the last of them if it goes to the same;
//   * an activation row given at t leaves on sum_o at t + Rows * Stages + Cols - 1, all columns together.
//
// Reset: take and select only.
module array #(
    parameter int Rows           = 4,
    parameter int Cols           = 4,
    parameter int Format         = 0,
    parameter int Stages         = 1,
    parameter int DoubleBuffered = 1,
    parameter int ActBits        = 8,
    parameter int WeightBits     = 8,
    parameter int SumBits        = 32
) (
    input  logic                       clk_i,
    input  logic                       rst_ni,
    input  logic [Cols*WeightBits-1:0] weight_i,
    input  logic [         2*Rows-1:0] take_i,
    input  logic [   Rows*ActBits-1:0] act_i,
    input  logic                       select_i,
    output logic [   Cols*SumBits-1:0] sum_o
);
  require #(
      .Array   (Rows >= 1 && Cols >= 1),
      .Format  (Format >= 0 && Format <= 2),
      .Widths  (ActBits >= 1 && WeightBits >= 1 && (Format != 0 || SumBits >= ActBits + WeightBits)),
      .Binary32(Format == 0 || (ActBits == 32 && SumBits == 32 && WeightBits == (Format == 1 ? 8 : 32))),
      .Stages  (Stages >= 1)
  ) i_require ();
  localparam int CellBits = Format == 1 ? 12 : WeightBits;

  logic [Cols*CellBits-1:0] cell_row, weight_skewed;
  for (genvar col = 0; col < Cols; col++) begin : g_cell
    if (Format == 1) begin : g_hybrid
      int8_to_float i_convert (
          .int_i  (weight_i[(col+1)*WeightBits-1:col*WeightBits]),
          .float_o(cell_row[(col+1)*CellBits-1:col*CellBits])
      );
    end else begin : g_plain
      assign cell_row[(col+1)*CellBits-1:col*CellBits] = weight_i[(col+1)*WeightBits-1:col*WeightBits];
    end
  end
  skew #(
      .Lanes(Cols),
      .Width(CellBits),
      .Step (1)
  ) i_weight_skew (
      .clk_i (clk_i),
      .rst_ni(1'b1),
      .row_i (cell_row),
      .row_o (weight_skewed)
  );

  logic [Rows*ActBits-1:0] act_skewed;
  skew #(
      .Lanes(Rows),
      .Width(ActBits),
      .Step (Stages)
  ) i_act_skew (
      .clk_i (clk_i),
      .rst_ni(1'b1),
      .row_i (act_i),
      .row_o (act_skewed)
  );
  logic [Rows-1:0] select_skewed;
  skew #(
      .Lanes(Rows),
      .Width(1),
      .Step (Stages),
      .Reset(1)
  ) i_select_skew (
      .clk_i (clk_i),
      .rst_ni(rst_ni),
      .row_i ({Rows{select_i}}),
      .row_o (select_skewed)
  );
  logic [2*Rows-1:0] take_skewed;
  skew #(
      .Lanes(Rows),
      .Width(2),
      .Step (Stages),
      .Reset(1)
  ) i_take_skew (
      .clk_i (clk_i),
      .rst_ni(rst_ni),
      .row_i (take_i),
      .row_o (take_skewed)
  );

  // Between the elements: wires of edge k lie left of column k or above row k.
  logic [ActBits-1:0] act[Rows*(Cols+1)];
  logic select[Rows*(Cols+1)];
  logic [1:0] take[Rows*(Cols+1)];
  logic [CellBits-1:0] weight[(Rows+1)*Cols];
  logic [SumBits-1:0] sum[(Rows+1)*Cols];
  logic [Cols*SumBits-1:0] bottom;

  for (genvar row = 0; row < Rows; row++) begin : g_row
    assign act[row*(Cols+1)]    = act_skewed[(row+1)*ActBits-1:row*ActBits];
    assign select[row*(Cols+1)] = select_skewed[row];
    assign take[row*(Cols+1)]   = take_skewed[2*row+1:2*row];
    for (genvar col = 0; col < Cols; col++) begin : g_col
      pe #(
          .Format        (Format),
          .Stages        (Stages),
          .DoubleBuffered(DoubleBuffered),
          .ActBits       (ActBits),
          .CellBits      (CellBits),
          .SumBits       (SumBits)
      ) i_pe (
          .clk_i   (clk_i),
          .rst_ni  (rst_ni),
          .weight_i(weight[row*Cols+col]),
          .weight_o(weight[(row+1)*Cols+col]),
          .take_i  (take[row*(Cols+1)+col]),
          .take_o  (take[row*(Cols+1)+col+1]),
          .select_i(select[row*(Cols+1)+col]),
          .select_o(select[row*(Cols+1)+col+1]),
          .act_i   (act[row*(Cols+1)+col]),
          .act_o   (act[row*(Cols+1)+col+1]),
          .sum_i   (sum[row*Cols+col]),
          .sum_o   (sum[(row+1)*Cols+col])
      );
    end
  end
  for (genvar col = 0; col < Cols; col++) begin : g_edge
    assign weight[col] = weight_skewed[(col+1)*CellBits-1:col*CellBits];
    assign sum[col] = '0;
    assign bottom[(col+1)*SumBits-1:col*SumBits] = sum[Rows*Cols+col];
  end

  skew #(
      .Lanes  (Cols),
      .Width  (SumBits),
      .Step   (1),
      .Reverse(1)
  ) i_deskew (
      .clk_i (clk_i),
      .rst_ni(1'b1),
      .row_i (bottom),
      .row_o (sum_o)
  );

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      assert ((take_i & {Rows{2'b01}}) == 0 || (take_i & {Rows{2'b10}}) == 0)
      else $error("array: one weight row for both registers");
      assert (DoubleBuffered != 0 || !(select_i || (take_i & {Rows{2'b10}}) != 0))
      else $error("array: the second weight register was asked for where there is one");
    end
  end
`endif
endmodule
