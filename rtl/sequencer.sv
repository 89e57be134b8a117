// SPDX-License-Identifier: Apache-2.0
// Turns live tiles into passes: says in which cycle which weight word and which activation word is read, what the array
// does with it, and where the sums go.
//
// The law of docs/timing.md stands here. mode_i: 0 serial, 1 wavefront, 2 double_buffered, 3 double_buffered_global (the
// last two need DoubleBuffered = 1). A load takes WeightWords cycles a row, a stream ActWords; a word is read in the cycle
// of its *_read_o, the memory answers one cycle later, and all that the array gets beside the data (take_o, select_o,
// row_o and the two behind it) comes registered, with the answer. The pass p holds its weights in register p mod 2.
// m_i, k_tiles_i, n_tiles_i (at least 1) and last_rows_i (weight rows of the last K tile, 1..Rows) hold still in a run.
// Activations lie row by row, K tiles inside; sums row by row, N tiles inside; weight words in the order of use.
//
// Out: row_o: an activation row enters the array now; its sums go to addr_o, and init_o says that they are the first there.
//      idle_o: nothing is under way and nothing begins in this cycle.
// Latency: no cycle is lost between a tile at hand and the first word read.
// Reset:   idle.
module sequencer #(
    parameter int Rows           = 4,
    parameter int Drain          = 6,  // D of docs/timing.md: Rows * Stages + Cols - 2
    parameter int DoubleBuffered = 1,
    parameter int WeightWords    = 1,
    parameter int ActWords       = 1,
    parameter int SizeBits       = 8,
    parameter int TileBits       = 4,
    parameter int ActAddrBits    = 8,
    parameter int SumAddrBits    = 8
) (
    input  logic                   clk_i,
    input  logic                   rst_ni,
    input  logic                   start_i,
    input  logic [            1:0] mode_i,
    input  logic [   SizeBits-1:0] m_i,
    input  logic [   TileBits-1:0] k_tiles_i,
    input  logic [   TileBits-1:0] n_tiles_i,
    input  logic [ $clog2(Rows):0] last_rows_i,
    input  logic                   tile_valid_i,
    output logic                   tile_take_o,
    input  logic [   TileBits-1:0] tile_k_i,
    input  logic [   TileBits-1:0] tile_n_i,
    input  logic                   tile_first_i,
    output logic                   weight_read_o,
    output logic                   act_read_o,
    output logic [ActAddrBits-1:0] act_addr_o,
    output logic [     2*Rows-1:0] take_o,
    output logic                   select_o,
    output logic                   row_o,
    output logic                   init_o,
    output logic [SumAddrBits-1:0] addr_o,
    output logic                   idle_o
);
  localparam int RowBits = $clog2(Rows) + 1;
  localparam int WordBits = $clog2(WeightWords > ActWords ? WeightWords : ActWords) + 1;
  localparam int DrainBits = $clog2(Drain + 1) + 1;

  // What a load leaves to the stream that follows it.
  logic first_q, parity_q;
  logic [TileBits-1:0] k_q, n_q;

  logic load_busy_q, loaded_q, stream_busy_q;
  logic [DrainBits-1:0] drain_q;
  logic load_start, stream_start, load_end, stream_end;

  // Load.
  logic can_load, load_on, load_word_last, parity;
  logic [WordBits-1:0] load_word, load_word_q;
  logic [RowBits-1:0] load_row, load_row_q, load_rows, load_rows_q;
  always_comb begin
    case (mode_i)
      2'd0:    can_load = !loaded_q && !stream_busy_q && drain_q == 0;
      2'd1:    can_load = !loaded_q && !stream_busy_q;
      default: can_load = !loaded_q || stream_start;
    endcase
  end
  assign load_start     = tile_valid_i && can_load && !load_busy_q;
  assign load_on        = load_start || load_busy_q;
  assign load_word      = load_start ? '0 : load_word_q;
  assign load_row       = load_start ? '0 : load_row_q;
  assign load_rows      = !load_start ? load_rows_q : tile_k_i == k_tiles_i - 1'b1 ? last_rows_i : RowBits'(Rows);
  assign parity         = load_start && DoubleBuffered != 0 ? !parity_q : parity_q;
  assign load_word_last = load_word == WordBits'(WeightWords - 1);
  assign load_end       = load_on && load_word_last && load_row == load_rows - 1'b1;
  assign tile_take_o    = load_start;
  assign weight_read_o  = load_on;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || start_i) begin
      load_busy_q <= 1'b0;
      loaded_q    <= 1'b0;
      parity_q    <= DoubleBuffered != 0;
    end else begin
      load_busy_q <= load_on && !load_end;
      loaded_q    <= load_end || (loaded_q && !stream_start);
      parity_q    <= parity;
    end
    if (load_start) begin
      first_q <= tile_first_i;
      k_q     <= tile_k_i;
      n_q     <= tile_n_i;
    end
    load_rows_q <= load_rows;
    if (load_on) begin
      load_word_q <= load_word_last ? '0 : load_word + 1'b1;
      load_row_q  <= load_word_last ? load_row + 1'b1 : load_row;
    end
  end

  // Stream.
  logic stream_on, stream_word_last, init, init_q, select, select_d, row;
  logic [WordBits-1:0] stream_word, stream_word_q;
  logic [SizeBits-1:0] stream_row, stream_row_q;
  logic [ActAddrBits-1:0] act_base, act_base_q;
  logic [SumAddrBits-1:0] sum_addr, sum_addr_q;
  assign stream_start     = loaded_q && !stream_busy_q && (mode_i != 2'd3 || drain_q == 0);
  assign stream_on        = stream_start || stream_busy_q;
  assign stream_word      = stream_start ? '0 : stream_word_q;
  assign stream_row       = stream_start ? '0 : stream_row_q;
  assign act_base         = stream_start ? ActAddrBits'(k_q) * ActAddrBits'(ActWords) : act_base_q;
  assign sum_addr         = stream_start ? SumAddrBits'(n_q) : sum_addr_q;
  assign init             = stream_start ? first_q : init_q;
  assign select_d         = stream_start ? parity_q : select;
  assign stream_word_last = stream_word == WordBits'(ActWords - 1);
  assign row              = stream_on && stream_word_last;
  assign stream_end       = row && stream_row == m_i - 1'b1;
  assign act_read_o       = stream_on;
  assign act_addr_o       = act_base + ActAddrBits'(stream_word);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || start_i) begin
      stream_busy_q <= 1'b0;
      select        <= 1'b0;
      drain_q       <= '0;
    end else begin
      stream_busy_q <= stream_on && !stream_end;
      select        <= select_d;
      drain_q       <= stream_end ? DrainBits'(Drain) : drain_q - DrainBits'(drain_q != 0);
    end
    init_q <= init;
    if (stream_on) begin
      stream_word_q <= stream_word_last ? '0 : stream_word + 1'b1;
      stream_row_q  <= stream_word_last ? stream_row + 1'b1 : stream_row;
      act_base_q    <= stream_word_last ? act_base + ActAddrBits'(k_tiles_i) * ActAddrBits'(ActWords) : act_base;
      sum_addr_q    <= stream_word_last ? sum_addr + SumAddrBits'(n_tiles_i) : sum_addr;
    end
  end

  // To the array, with the memories' answers. Rows that a short tile lacks take its first row: they meet activations of
  // zero, and what they held before might not be a number.
  logic [2*Rows-1:0] take;
  for (genvar i = 0; i < Rows; i++) begin : g_take
    logic mine;
    assign mine = load_on && load_word_last
        && (load_row == RowBits'(i) || (load_row == 0 && load_rows <= RowBits'(i)));
    assign take[2*i+1:2*i] = {mine && parity, mine && !parity};
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      take_o <= '0;
      row_o  <= 1'b0;
    end else begin
      take_o <= take;
      row_o  <= row;
    end
    init_o <= init;
    addr_o <= sum_addr;
  end
  assign select_o = select;
  assign idle_o   = !load_on && !loaded_q && !stream_on;

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      assert (!(stream_start && load_busy_q) || mode_i > 2'd1)
      else $error("sequencer: a stream began within a load that it must wait for");
      assert (!load_end || !loaded_q || stream_start)
      else $error("sequencer: a load ended upon a tile that had not been streamed");
    end
  end
`endif
endmodule
