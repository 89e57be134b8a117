// SPDX-License-Identifier: Apache-2.0
// Output-stationary array of Rows (tokens) x Cols (outputs) elements of pe.sv: activations come from the left, weights
// from the top, and each element keeps one sum.
//
// act_i brings one activation a row, weight_i one weight a column: a step along the reduction. first_i begins new sums
// with this step, whole_i says that it was their last; a cycle without a step brings act_i = 0 and neither of them.
// The sums of a column finish one a cycle, from the top, and leave over a bus that takes one a column and cycle; outside,
// a row of them is one word in one cycle. Two whole_i lie at least Rows cycles apart.
//
// Latency: row r stands on sum_o Cols + r cycles behind whole_i.
// Reset:   first and whole only.
module array_os #(
    parameter int Rows       = 4,
    parameter int Cols       = 4,
    parameter int Format     = 0,
    parameter int ActBits    = 8,
    parameter int WeightBits = 8,
    parameter int SumBits    = 32
) (
    input  logic                       clk_i,
    input  logic                       rst_ni,
    input  logic [   Rows*ActBits-1:0] act_i,
    input  logic [Cols*WeightBits-1:0] weight_i,
    input  logic                       first_i,
    input  logic                       whole_i,
    output logic [   Cols*SumBits-1:0] sum_o
);
  require #(
      .Array   (Rows >= 1 && Cols >= 1),
      .Format  (Format >= 0 && Format <= 2),
      .Widths  (ActBits >= 1 && WeightBits >= 1 && (Format != 0 || SumBits >= ActBits + WeightBits)),
      .Binary32(Format == 0 || (ActBits == 32 && SumBits == 32 && WeightBits == (Format == 1 ? 8 : 32)))
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
      .Width(CellBits)
  ) i_weight_skew (
      .clk_i (clk_i),
      .rst_ni(1'b1),
      .row_i (cell_row),
      .row_o (weight_skewed)
  );
  logic [Rows*ActBits-1:0] act_skewed;
  skew #(
      .Lanes(Rows),
      .Width(ActBits)
  ) i_act_skew (
      .clk_i (clk_i),
      .rst_ni(1'b1),
      .row_i (act_i),
      .row_o (act_skewed)
  );
  logic [2*Rows-1:0] mark_skewed;
  skew #(
      .Lanes(Rows),
      .Width(2),
      .Reset(1)
  ) i_mark_skew (
      .clk_i (clk_i),
      .rst_ni(rst_ni),
      .row_i ({Rows{whole_i, first_i}}),
      .row_o (mark_skewed)
  );

  logic [ActBits-1:0] act[Rows*(Cols+1)];
  logic first[Rows*(Cols+1)];
  logic [1:0] whole[Rows*(Cols+1)];
  logic [CellBits-1:0] weight[(Rows+1)*Cols];
  logic [SumBits-1:0] sum[Rows*Cols];
  logic [Rows*Cols*SumBits-1:0] offered;  // a sum that is whole, else zeros
  logic [Cols*SumBits-1:0] bottom;

  for (genvar row = 0; row < Rows; row++) begin : g_row
    assign act[row*(Cols+1)]   = act_skewed[(row+1)*ActBits-1:row*ActBits];
    assign first[row*(Cols+1)] = mark_skewed[2*row];
    assign whole[row*(Cols+1)] = {1'b0, mark_skewed[2*row+1]};
    for (genvar col = 0; col < Cols; col++) begin : g_col
      pe #(
          .OutputStationary(1),
          .Format          (Format),
          .ActBits         (ActBits),
          .CellBits        (CellBits),
          .SumBits         (SumBits)
      ) i_pe (
          .clk_i   (clk_i),
          .rst_ni  (rst_ni),
          .weight_i(weight[row*Cols+col]),
          .weight_o(weight[(row+1)*Cols+col]),
          .take_i  (whole[row*(Cols+1)+col]),
          .take_o  (whole[row*(Cols+1)+col+1]),
          .select_i(first[row*(Cols+1)+col]),
          .select_o(first[row*(Cols+1)+col+1]),
          .act_i   (act[row*(Cols+1)+col]),
          .act_o   (act[row*(Cols+1)+col+1]),
          .sum_i   ('0),
          .sum_o   (sum[row*Cols+col])
      );
      assign offered[(row*Cols+col+1)*SumBits-1:(row*Cols+col)*SumBits] =
          whole[row*(Cols+1)+col+1][0] ? sum[row*Cols+col] : '0;
    end
  end
  for (genvar col = 0; col < Cols; col++) begin : g_edge
    assign weight[col] = weight_skewed[(col+1)*CellBits-1:col*CellBits];
  end

  always_comb begin
    bottom = '0;
    for (int row = 0; row < Rows; row++) bottom |= (Cols*SumBits)'(offered >> row * Cols * SumBits);
  end
  skew #(
      .Lanes  (Cols),
      .Width  (SumBits),
      .Reverse(1)
  ) i_deskew (
      .clk_i (clk_i),
      .rst_ni(1'b1),
      .row_i (bottom),
      .row_o (sum_o)
  );

`ifndef SYNTHESIS
  logic [31:0] since_q;  // cycles since the last whole_i
  always_ff @(posedge clk_i) begin
    if (!rst_ni) since_q <= 32'(Rows);
    else if (whole_i) since_q <= 32'd1;
    else if (since_q < 32'(Rows)) since_q <= since_q + 1;
    if (rst_ni) begin
      assert (!whole_i || since_q == 32'(Rows))
      else $error("array_os: sums became whole while those before were still leaving");
    end
  end
`endif
endmodule
