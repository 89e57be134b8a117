// SPDX-License-Identifier: Apache-2.0
// Walks the live-tile bitmap and hands out the live tiles, one at a time, in the order of the passes (K inside N): a dead
// tile costs the look at its bit, and that is hidden while the array is busy with the tile before.
//
// start_i latches nothing: k_tiles_i, n_tiles_i (at least 1 each) and dense_i hold still during a run. The gate looks at
// the next ScanBits bits in every cycle in which it holds no tile or its tile is being taken. Going from bit a to the
// live bit b takes ceil((b - a) / ScanBits) cycles; the first search counts from a = -1; behind the last live tile the
// rest of the bits is looked at too. With dense_i there is no bitmap: a tile is at hand in every cycle of the run.
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
    input  logic [TileBits-1:0] n_tiles_i,
    output logic [ PosBits-1:0] pos_o,
    input  logic [ScanBits-1:0] window_i,
    output logic                tile_valid_o,
    input  logic                tile_take_i,
    output logic [TileBits-1:0] tile_k_o,
    output logic [TileBits-1:0] tile_n_o,
    output logic                tile_first_o,
    output logic                ended_o
);
  logic valid_q, first_q, any_q, over_q;
  logic [TileBits-1:0] found_k_q, found_n_q;  // the tile held
  logic [TileBits-1:0] k_q, n_q;  // the bit to look at next
  logic [PosBits-1:0] pos_q;

  logic look, found, valid_d, over_d;
  logic [TileBits-1:0] k_d, n_d, hit_k, hit_n;
  logic [PosBits-1:0] pos_d;
  assign look = !over_q && (!valid_q || tile_take_i);

  // Walk over the window's bits, up to the first live one or the end of the bitmap.
  always_comb begin
    found  = 1'b0;
    over_d = over_q;
    k_d    = k_q;
    n_d    = n_q;
    hit_k  = k_q;
    hit_n  = n_q;
    pos_d  = pos_q;
    for (int i = 0; i < ScanBits; i++) begin
      if (look && !found && !over_d) begin
        found  = dense_i || window_i[i];
        hit_k  = k_d;
        hit_n  = n_d;
        pos_d  = pos_d + 1'b1;
        over_d = k_d == k_tiles_i - 1'b1 && n_d == n_tiles_i - 1'b1;
        n_d    = n_d + TileBits'(k_d == k_tiles_i - 1'b1);
        k_d    = k_d == k_tiles_i - 1'b1 ? '0 : k_d + 1'b1;
      end
    end
    valid_d = found || (valid_q && !tile_take_i);
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      over_q  <= 1'b1;
    end else if (start_i) begin
      valid_q <= dense_i;
      over_q  <= dense_i && k_tiles_i == 1 && n_tiles_i == 1;
    end else begin
      valid_q <= valid_d;
      over_q  <= over_d;
    end
    if (start_i) begin
      any_q     <= dense_i;
      first_q   <= 1'b1;
      found_k_q <= '0;
      found_n_q <= '0;
      k_q       <= dense_i && k_tiles_i != 1 ? TileBits'(1) : '0;
      n_q       <= dense_i && k_tiles_i == 1 ? TileBits'(1) : '0;
    end else begin
      k_q <= k_d;
      n_q <= n_d;
      if (found) begin
        any_q     <= 1'b1;
        first_q   <= !any_q || hit_n != found_n_q;
        found_k_q <= hit_k;
        found_n_q <= hit_n;
      end
    end
    pos_q <= pos_o;
  end

  assign pos_o        = start_i ? '0 : pos_d;
  assign tile_valid_o = valid_q;
  assign tile_k_o     = found_k_q;
  assign tile_n_o     = found_n_q;
  assign tile_first_o = first_q;
  assign ended_o      = !start_i && !valid_d && over_d;

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      assert (!tile_take_i || valid_q)
      else $error("tile_gate: a tile was taken that was not there");
    end
  end
`endif
endmodule
