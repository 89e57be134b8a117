// SPDX-License-Identifier: Apache-2.0
// A word, Depth cycles later.
//
// Latency: Depth cycles; 0 is a wire.
// Reset:   control lines set Reset = 1 and come up 0; data lines leave it 0 and carry no reset net.
module delay #(
    parameter int Width = 1,
    parameter int Depth = 1,
    parameter int Reset = 0
) (
    input  logic             clk_i,
    input  logic             rst_ni,
    input  logic [Width-1:0] data_i,
    output logic [Width-1:0] data_o
);
  if (Depth == 0) begin : g_wire
    assign data_o = data_i;
    logic unused;
    assign unused = clk_i & rst_ni;
  end else begin : g_line
    logic [Depth*Width-1:0] line_d;
    logic [Depth*Width-1:0] line_q;
    if (Depth == 1) begin : g_one
      assign line_d = data_i;
    end else begin : g_many
      assign line_d = {line_q[(Depth-1)*Width-1:0], data_i};
    end
    if (Reset != 0) begin : g_reset
      always_ff @(posedge clk_i) begin
        if (!rst_ni) line_q <= '0;
        else line_q <= line_d;
      end
    end else begin : g_free
      always_ff @(posedge clk_i) line_q <= line_d;
      logic unused;
      assign unused = rst_ni;
    end
    assign data_o = line_q[Depth*Width-1:(Depth-1)*Width];
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      assert (Reset == 0 || !$isunknown(data_o))
      else $error("delay: a control line is unknown after reset");
    end
  end
`endif
endmodule
