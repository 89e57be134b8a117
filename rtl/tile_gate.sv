// SPDX-License-Identifier: Apache-2.0
// Walks the live-tile bitmap and hands out the live tiles, one at a time, in the order of the passes (K inside N): a dead
// tile costs the look at its bit, and that is hidden while the array is busy with the tile before.
//
// k_tiles_i, tiles_i (all of them; both at least 1) and dense_i hold still from start_i on. The gate looks at the next
// ScanBits bits in every cycle in which it holds no tile or its tile is being taken. Going from bit a to the live bit b
// takes ceil((b - a) / ScanBits) cycles; the first search counts from a = -1; behind the last live tile the rest of the
// bits is looked at too. With dense_i there is no bitmap: a tile is at hand in every cycle of the run.
// The bitmap answers in one cycle: pos_o asks for the window at that bit, window_i brings it in the next cycle.
//
// Out: tile_valid_o with the tile's coordinates, and tile_first_o: the first live tile of its column. ended_o looks one
//      cycle ahead: no tile is held and no bit left from the next cycle on.
// Latency: as above; the first cycle of the run is the one behind start_i.
// Reset:   ended, holding nothing.
module tile_gate #(
    parameter int ScanBits = 8,
    parameter int TileBits = 4,
    parameter int PosBits  = 8
) (
    input  logic                clk_i,
    input  logic                rst_ni,
    input  logic                start_i,
    input  logic                dense_i,
    input  logic [TileBits-1:0] k_tiles_i,
    input  logic [   PosBits:0] tiles_i,
    output logic [ PosBits-1:0] pos_o,
    input  logic [ScanBits-1:0] window_i,
    output logic                tile_valid_o,
    input  logic                tile_take_i,
    output logic [TileBits-1:0] tile_k_o,
    output logic [TileBits-1:0] tile_n_o,
    output logic                tile_first_o,
    output logic                ended_o
);
  localparam int IndexBits = $clog2(ScanBits) + 1;
  localparam int SumBits = TileBits + IndexBits;

  logic valid_q, first_q;
  logic [TileBits-1:0] found_k_q, found_n_q;  // the tile held
  logic [TileBits-1:0] k_q, n_q;  // the bit to look at next
  logic fresh_q;  // it stands in another column than the last live one
  logic [PosBits-1:0] pos_q;
  logic [PosBits:0] left_q;  // bits from it to the end

  // The first live bit of the window, as one hot bit and as a number.
  logic look, found;
  logic [ScanBits-1:0] live, first_live;
  logic [IndexBits-1:0] index, ahead;
  assign look       = left_q != 0 && (!valid_q || tile_take_i);
  assign first_live = live & (~live + 1'b1);
  assign found      = look && (|live);
  assign ahead      = (|live) ? index : IndexBits'(ScanBits);
  always_comb begin
    index = '0;
    for (int i = 0; i < ScanBits; i++) begin
      live[i] = (dense_i || window_i[i]) && left_q > (PosBits + 1)'(i);
      index |= first_live[i] ? IndexBits'(i) : '0;
    end
  end

  // Where that bit stands, or the one behind the window: so many bits ahead, less the whole columns passed. All
  // multiples of a column's height are compared at once; they stand in registers, since they do not change in a run.
  logic [SumBits-1:0] column_q[ScanBits+1];
  logic [SumBits-1:0] sum, passed;
  logic [TileBits-1:0] here_k, here_n, next_k, next_n;
  logic wrapped, wraps;
  assign sum = SumBits'(k_q) + SumBits'(ahead);
  always_comb begin
    passed = '0;
    here_n = n_q;
    for (int i = 1; i <= ScanBits; i++) begin
      if (sum >= column_q[i]) begin
        passed = column_q[i];
        here_n = n_q + TileBits'(i);
      end
    end
  end
  assign wrapped = sum >= column_q[1];
  assign here_k  = TileBits'(sum - passed);
  assign wraps   = here_k == k_tiles_i - 1'b1;
  assign next_k  = !found ? here_k : wraps ? '0 : here_k + 1'b1;
  assign next_n  = here_n + TileBits'(found && wraps);

  logic valid_d;
  logic [PosBits:0] left_d, step;
  logic [PosBits-1:0] pos_d;
  assign step    = !look ? '0 : (PosBits + 1)'(ahead) + (PosBits + 1)'(found);
  assign left_d  = left_q > step ? left_q - step : '0;
  assign pos_d   = start_i ? '0 : pos_q + step[PosBits-1:0];
  assign valid_d = found || (valid_q && !tile_take_i);

  for (genvar i = 0; i <= ScanBits; i++) begin : g_column
    always_ff @(posedge clk_i) if (start_i) column_q[i] <= SumBits'(k_tiles_i) * SumBits'(i);
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      left_q  <= '0;
    end else if (start_i) begin
      valid_q <= dense_i;
      left_q  <= tiles_i - (PosBits + 1)'(dense_i);
    end else begin
      valid_q <= valid_d;
      left_q  <= left_d;
    end
    if (start_i) begin
      first_q   <= 1'b1;
      fresh_q   <= !dense_i || k_tiles_i == 1;
      found_k_q <= '0;
      found_n_q <= '0;
      k_q       <= TileBits'(dense_i && k_tiles_i != 1);
      n_q       <= TileBits'(dense_i && k_tiles_i == 1);
    end else if (look) begin
      k_q     <= next_k;
      n_q     <= next_n;
      fresh_q <= found ? wraps : fresh_q || wrapped;
      if (found) begin
        first_q   <= fresh_q || wrapped;
        found_k_q <= here_k;
        found_n_q <= here_n;
      end
    end
    pos_q <= pos_d;
  end

  assign pos_o        = pos_d;
  assign tile_valid_o = valid_q;
  assign tile_k_o     = found_k_q;
  assign tile_n_o     = found_n_q;
  assign tile_first_o = first_q;
  assign ended_o      = !start_i && !valid_d && left_d == 0;

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      assert (!tile_take_i || valid_q)
      else $error("tile_gate: a tile was taken that was not there");
    end
  end
`endif
endmodule
