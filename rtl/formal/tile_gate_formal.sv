// SPDX-License-Identifier: Apache-2.0
// What the tile gate promises, for every bitmap of KTiles x NTiles tiles (6 at most) and every pace of the array:
// no pass for a dead tile, one for each live tile, in order, and each search as long as docs/timing.md says.
module tile_gate_formal #(
    parameter int KTiles = 3,
    parameter int NTiles = 2
) (
    input logic clk_i,
    input logic take_i,
    input logic dense_i,
    input logic [7:0] bits_i
);
  localparam int ScanBits = 2;
  localparam int Tiles = KTiles * NTiles;

  logic started_q = 1'b0;
  logic [7:0] bits_q;
  logic dense_q, start;
  assign start = !started_q;
  always_ff @(posedge clk_i) started_q <= 1'b1;

  // A run: the bitmap is any, and stays.
  always_comb if (started_q) assume (dense_i == dense_q && bits_i == bits_q);
  always_ff @(posedge clk_i) begin
    bits_q  <= bits_i;
    dense_q <= dense_i;
  end

  logic [2:0] pos, pos_q;
  logic [3:0] k, n;
  logic [ScanBits-1:0] window;
  logic valid, take, first, ended;
  assign window = ScanBits'(bits_i >> pos_q);
  assign take   = valid && take_i;
  always_ff @(posedge clk_i) pos_q <= pos;
  tile_gate #(
      .ScanBits(ScanBits),
      .TileBits(4),
      .PosBits (3)
  ) i_gate (
      .clk_i       (clk_i),
      .rst_ni      (1'b1),
      .start_i     (start),
      .dense_i     (dense_i),
      .k_tiles_i   (4'(KTiles)),
      .tiles_i     (4'(Tiles)),
      .pos_o       (pos),
      .window_i    (window),
      .tile_valid_o(valid),
      .tile_take_i (take),
      .tile_k_o    (k),
      .tile_n_o    (n),
      .tile_first_o(first),
      .ended_o     (ended)
  );

  logic [7:0] live;  // positions that must be handed out
  assign live = (dense_q ? 8'hff : bits_q) & ~(8'hff << Tiles);

  logic any_q;  // a tile has been taken, the last one at last_q
  logic [4:0] last_q;
  logic [5:0] searched_q;  // cycles since the search for the tile now due began
  logic [7:0] place;
  logic [7:0] below, between;
  logic [4:0] gap;
  assign place   = 8'(n) * 8'(KTiles) + 8'(k);
  assign below  = ~(8'hff << place);  // positions below the tile shown
  assign between = any_q ? below & ~(8'h01 << last_q) & (8'hff << last_q) : below;
  assign gap     = any_q ? 5'(place) - last_q : 5'(place) + 5'd1;
  always_ff @(posedge clk_i) begin
    if (start) begin
      any_q      <= 1'b0;
      last_q     <= '0;
      searched_q <= '0;
    end else if (take) begin
      any_q      <= 1'b1;
      last_q     <= 5'(place);
      searched_q <= 6'd1;
    end else if (!valid) begin
      searched_q <= searched_q + 6'd1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (started_q) begin
      if (valid) begin
        assert (place < 8'(Tiles));
        assert (live[place[2:0]]);  // no pass for a dead tile
        assert (!any_q || place > 8'(last_q));  // none twice, and in order
        assert ((live & between) == 0);  // none left out
        assert (first == (!any_q || (live & ~(8'hff << place) & (8'hff << (8'(n) * 8'(KTiles)))) == 0));
        if (!dense_q) assert (searched_q == 6'((gap + 5'(ScanBits - 1)) / 5'(ScanBits)));
      end
      // When it says that nothing is left, nothing is.
      if (ended && !take) assert ((live & (any_q ? 8'hfe << last_q : 8'hff)) == 0);
      if (ended && take) assert ((live & (8'hfe << place)) == 0);
      cover (ended && any_q && last_q == 5'(Tiles - 1));
    end
  end
endmodule
