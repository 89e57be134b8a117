// SPDX-License-Identifier: Apache-2.0
// The triangle at an edge of the array: lane i of a row leaves i * Step cycles later, or, with Reverse = 1,
// (Lanes - 1 - i) * Step cycles later, which undoes it.
//
// Latency: as said, by lane.
// Reset:   as in delay.sv.
module skew #(
    parameter int Lanes   = 4,
    parameter int Width   = 8,
    parameter int Step    = 1,
    parameter int Reverse = 0,
    parameter int Reset   = 0
) (
    input  logic                   clk_i,
    input  logic                   rst_ni,
    input  logic [Lanes*Width-1:0] row_i,
    output logic [Lanes*Width-1:0] row_o
);
  for (genvar lane = 0; lane < Lanes; lane++) begin : g_lane
    delay #(
        .Width(Width),
        .Depth((Reverse != 0 ? Lanes - 1 - lane : lane) * Step),
        .Reset(Reset)
    ) i_delay (
        .clk_i (clk_i),
        .rst_ni(rst_ni),
        .data_i(row_i[(lane+1)*Width-1:lane*Width]),
        .data_o(row_o[(lane+1)*Width-1:lane*Width])
    );
  end

`ifndef SYNTHESIS
  localparam int Straight = Reverse != 0 ? Lanes - 1 : 0;
  always_ff @(posedge clk_i) begin
    assert (row_o[(Straight+1)*Width-1:Straight*Width] === row_i[(Straight+1)*Width-1:Straight*Width])
    else $error("skew: the lane that waits for nobody waited");
  end
`endif
endmodule
