// SPDX-License-Identifier: Apache-2.0
// The machine `rtl_ws`: one matrix product on a weight-stationary array, dead tiles left out.
//
// A job (valid/ready, with its sizes) opens three streams: the live-tile bitmap, the activations, the weights of the live
// tiles (valid/ready/last, at whatever pace). When all are in, the machine runs; busy_o is up for just the cycles that
// docs/timing.md counts, whatever the streams did, and cycles_o counts them. Then the results leave as a fourth stream,
// and the next job may come. What the words hold, and in which order, stands in docs/rtl.md.
//
// job_m_i rows of activations, job_k_tiles_i x job_n_tiles_i tiles of Rows x Cols, job_last_rows_i weight rows in the last
// K tile (Rows: full folds; fewer: exact ragged edges). job_mode_i as in sequencer.sv. job_dense_i: no mask, no bitmap
// stream. job_no_weights_i: no tile lives, no weight stream comes.
//
// error_o, sticky until the next job; a job with an error gives no results:
//   [0] a size of 0, more rows than the array has, more tiles or results than the machine has room for
//   [1] an overlap that needs double-buffered weights on an array without
//   [2] a bitmap whose length is not ceil(k_tiles * n_tiles / ScanBits) words
//   [3] activations: not m * k_tiles rows
//   [4] weights: not the rows of the live tiles (found at the end of the run)
//
// Latency: of a run, docs/timing.md; the first result is offered two cycles behind it.
// Reset:   synchronous, low; no memory is cleared.
module top #(
    parameter int Rows           = 4,
    parameter int Cols           = 4,
    parameter int Format         = 0,  // 0 integer, 1 binary32 x INT8 weight, 2 binary32
    parameter int Stages         = 1,  // partial-sum registers of an element
    parameter int DoubleBuffered = 1,
    parameter int ActBits        = 8,
    parameter int WeightBits     = 8,
    parameter int SumBits        = 32,
    parameter int ScanBits       = 8,  // bits of the bitmap looked at in a cycle: a power of two
    parameter int PortBits       = 0,  // width of the activation and of the weight port; 0: a row a cycle
    parameter int SizeBits       = 10,  // m < 2**SizeBits
    parameter int TileBits       = 6,  // k_tiles, n_tiles < 2**TileBits
    parameter int BitmapAddrBits = 8,  // words of ScanBits
    parameter int WeightAddrBits = 10,  // words of the weight port
    parameter int ActAddrBits    = 10,  // words of the activation port
    parameter int SumAddrBits    = 10,  // rows of Cols sums
    // What follows from them; not to be set.
    parameter int WeightWordBits = PortBits != 0 ? PortBits : Cols * WeightBits > 0 ? Cols * WeightBits : 1,
    parameter int ActWordBits    = PortBits != 0 ? PortBits : Rows * ActBits > 0 ? Rows * ActBits : 1
) (
    input  logic                      clk_i,
    input  logic                      rst_ni,
    input  logic                      job_valid_i,
    output logic                      job_ready_o,
    input  logic [               1:0] job_mode_i,
    input  logic                      job_dense_i,
    input  logic                      job_no_weights_i,
    input  logic [      SizeBits-1:0] job_m_i,
    input  logic [      TileBits-1:0] job_k_tiles_i,
    input  logic [      TileBits-1:0] job_n_tiles_i,
    input  logic [    $clog2(Rows):0] job_last_rows_i,
    input  logic                      bitmap_valid_i,
    output logic                      bitmap_ready_o,
    input  logic [      ScanBits-1:0] bitmap_data_i,
    input  logic                      bitmap_last_i,
    input  logic                      act_valid_i,
    output logic                      act_ready_o,
    input  logic [   ActWordBits-1:0] act_data_i,
    input  logic                      act_last_i,
    input  logic                      weight_valid_i,
    output logic                      weight_ready_o,
    input  logic [WeightWordBits-1:0] weight_data_i,
    input  logic                      weight_last_i,
    output logic                      result_valid_o,
    input  logic                      result_ready_i,
    output logic [  Cols*SumBits-1:0] result_data_o,
    output logic                      result_last_o,
    output logic                      busy_o,
    output logic [              31:0] cycles_o,
    output logic [              31:0] passes_o,
    output logic [               4:0] error_o
);
  require #(
      .Machine (PortBits >= 0 && ScanBits >= 1 && (ScanBits & (ScanBits - 1)) == 0),
      .Sizes   (SizeBits >= 1 && TileBits >= 1),
      .Memories(BitmapAddrBits >= 2 && WeightAddrBits >= 1 && ActAddrBits >= 1 && SumAddrBits >= 1)
  ) i_require ();

  localparam int WeightWords = (Cols * WeightBits + WeightWordBits - 1) / WeightWordBits;
  localparam int ActWords = (Rows * ActBits + ActWordBits - 1) / ActWordBits;
  localparam int Drain = Rows * Stages + Cols - 2;
  localparam int PosBits = BitmapAddrBits + $clog2(ScanBits);
  localparam int FlightBits = $clog2(Drain + 4);
  localparam int ProductBits = 2 * SizeBits + 2 * TileBits + 16;  // holds every product of sizes below

  // ---- phases ------------------------------------------------------------------------------------------------------
  typedef enum logic [2:0] {IDLE, LOAD, CHECK, PREPARE, RUN, UNLOAD} phase_e;
  phase_e phase_q;
  logic job_start, run_start, run_end, loaded, unload_start, unload_done;

  logic [1:0] mode_q;
  logic dense_q;
  logic [SizeBits-1:0] m_q;
  logic [TileBits-1:0] k_tiles_q, n_tiles_q;
  logic [$clog2(Rows):0] last_rows_q;
  logic [4:0] error_q, error_check;
  logic weights_wrong, tile_take;

  assign job_ready_o  = phase_q == IDLE;
  assign job_start    = job_ready_o && job_valid_i;
  assign run_start    = phase_q == PREPARE;
  assign unload_start = run_end && !weights_wrong;
  assign busy_o       = phase_q == RUN;
  assign error_o      = error_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      phase_q <= IDLE;
      error_q <= '0;
    end else begin
      case (phase_q)
        IDLE:    if (job_valid_i) phase_q <= LOAD;
        LOAD:    if (loaded) phase_q <= CHECK;
        CHECK:   phase_q <= error_check == 0 ? PREPARE : IDLE;
        PREPARE: phase_q <= RUN;
        RUN:     if (run_end) phase_q <= weights_wrong ? IDLE : UNLOAD;
        default: if (unload_done) phase_q <= IDLE;
      endcase
      if (job_start) error_q <= '0;
      else if (phase_q == CHECK) error_q <= error_check;
      else if (run_end && weights_wrong) error_q <= 5'b10000;
    end
    if (job_start) begin
      mode_q      <= job_mode_i;
      dense_q     <= job_dense_i;
      m_q         <= job_m_i;
      k_tiles_q   <= job_k_tiles_i;
      n_tiles_q   <= job_n_tiles_i;
      last_rows_q <= job_last_rows_i;
    end
    if (run_start) cycles_o <= '0;
    else if (busy_o) cycles_o <= cycles_o + 1;
    if (run_start) passes_o <= '0;
    else if (tile_take) passes_o <= passes_o + 1;
  end

  // ---- what comes in -----------------------------------------------------------------------------------------------
  logic bitmap_write, bitmap_complete, bitmap_full;
  logic [BitmapAddrBits-1:0] bitmap_addr;
  logic [BitmapAddrBits:0] bitmap_count;
  logic [PosBits-1:0] pos;
  logic [ScanBits-1:0] window;
  loader #(
      .AddrBits(BitmapAddrBits)
  ) i_load_bitmap (
      .clk_i     (clk_i),
      .rst_ni    (rst_ni),
      .clear_i   (job_start),
      .skip_i    (job_dense_i),
      .valid_i   (bitmap_valid_i),
      .ready_o   (bitmap_ready_o),
      .last_i    (bitmap_last_i),
      .write_o   (bitmap_write),
      .addr_o    (bitmap_addr),
      .complete_o(bitmap_complete),
      .count_o   (bitmap_count),
      .full_o    (bitmap_full)
  );
  bitmap #(
      .ScanBits(ScanBits),
      .PosBits (PosBits)
  ) i_bitmap (
      .clk_i       (clk_i),
      .write_i     (bitmap_write),
      .write_addr_i(bitmap_addr),
      .data_i      (bitmap_data_i),
      .pos_i       (pos),
      .window_o    (window)
  );

  logic act_write, act_complete, act_full, act_read, act_came;
  logic [ActAddrBits-1:0] act_write_addr, act_read_addr;
  logic [ActAddrBits:0] act_count;
  logic [ActWordBits-1:0] act_word;
  logic [Rows*ActBits-1:0] act_row;
  loader #(
      .AddrBits(ActAddrBits)
  ) i_load_act (
      .clk_i     (clk_i),
      .rst_ni    (rst_ni),
      .clear_i   (job_start),
      .skip_i    (1'b0),
      .valid_i   (act_valid_i),
      .ready_o   (act_ready_o),
      .last_i    (act_last_i),
      .write_o   (act_write),
      .addr_o    (act_write_addr),
      .complete_o(act_complete),
      .count_o   (act_count),
      .full_o    (act_full)
  );
  sram_1r1w #(
      .Width   (ActWordBits),
      .AddrBits(ActAddrBits)
  ) i_acts (
      .clk_i       (clk_i),
      .write_i     (act_write),
      .write_addr_i(act_write_addr),
      .data_i      (act_data_i),
      .read_i      (act_read),
      .read_addr_i (act_read_addr),
      .data_o      (act_word)
  );
  gearbox #(
      .Words   (ActWords),
      .WordBits(ActWordBits),
      .RowBits (Rows * ActBits)
  ) i_act_row (
      .clk_i  (clk_i),
      .valid_i(act_came),
      .word_i (act_word),
      .row_o  (act_row)
  );

  logic weight_write, weight_complete, weight_full, weight_read, weight_came;
  logic [WeightAddrBits-1:0] weight_addr;
  logic [WeightAddrBits:0] weight_count, weight_used_q;
  logic [WeightWordBits-1:0] weight_word;
  logic [Cols*WeightBits-1:0] weight_row;
  loader #(
      .AddrBits(WeightAddrBits)
  ) i_load_weights (
      .clk_i     (clk_i),
      .rst_ni    (rst_ni),
      .clear_i   (job_start),
      .skip_i    (job_no_weights_i),
      .valid_i   (weight_valid_i),
      .ready_o   (weight_ready_o),
      .last_i    (weight_last_i),
      .write_o   (weight_write),
      .addr_o    (weight_addr),
      .complete_o(weight_complete),
      .count_o   (weight_count),
      .full_o    (weight_full)
  );
  sram_1r1w #(
      .Width   (WeightWordBits),
      .AddrBits(WeightAddrBits)
  ) i_weights (
      .clk_i       (clk_i),
      .write_i     (weight_write),
      .write_addr_i(weight_addr),
      .data_i      (weight_data_i),
      .read_i      (weight_read),
      .read_addr_i (weight_used_q[WeightAddrBits-1:0]),
      .data_o      (weight_word)
  );
  gearbox #(
      .Words   (WeightWords),
      .WordBits(WeightWordBits),
      .RowBits (Cols * WeightBits)
  ) i_weight_row (
      .clk_i  (clk_i),
      .valid_i(weight_came),
      .word_i (weight_word),
      .row_o  (weight_row)
  );
  always_ff @(posedge clk_i) begin
    if (run_start) weight_used_q <= '0;
    else if (weight_read && !(&weight_used_q)) weight_used_q <= weight_used_q + 1'b1;
    act_came    <= act_read;
    weight_came <= weight_read;
  end
  assign weights_wrong = weight_full || weight_used_q != weight_count;

  // ---- is the job one that this machine can do? --------------------------------------------------------------------
  logic [ProductBits-1:0] tiles, acts, results;
  assign loaded  = bitmap_complete && act_complete && weight_complete;
  assign tiles   = ProductBits'(k_tiles_q) * ProductBits'(n_tiles_q);
  assign acts    = ProductBits'(m_q) * ProductBits'(k_tiles_q) * ProductBits'(ActWords);
  assign results = ProductBits'(m_q) * ProductBits'(n_tiles_q);
  assign error_check[0] = m_q == 0 || k_tiles_q == 0 || n_tiles_q == 0 || last_rows_q == 0
      || int'(last_rows_q) > Rows || results > ProductBits'(1) << SumAddrBits
      || tiles > ProductBits'(1) << PosBits;
  assign error_check[1] = mode_q > 2'd1 && DoubleBuffered == 0;
  assign error_check[2] = !dense_q && (bitmap_full
      || ProductBits'(bitmap_count) != (tiles + ProductBits'(ScanBits) - 1'b1) >> $clog2(ScanBits));
  assign error_check[3] = act_full || ProductBits'(act_count) != acts;
  assign error_check[4] = weight_full;

  // ---- the run -----------------------------------------------------------------------------------------------------
  logic tile_valid, tile_first, gate_ended, sequencer_idle;
  logic [TileBits-1:0] tile_k, tile_n;
  logic [2*Rows-1:0] take;
  logic select, row, init;
  logic [SumAddrBits-1:0] addr;
  tile_gate #(
      .ScanBits(ScanBits),
      .TileBits(TileBits),
      .PosBits (PosBits)
  ) i_gate (
      .clk_i       (clk_i),
      .rst_ni      (rst_ni),
      .start_i     (run_start),
      .dense_i     (dense_q),
      .k_tiles_i   (k_tiles_q),
      .tiles_i     (tiles[PosBits:0]),
      .pos_o       (pos),
      .window_i    (window),
      .tile_valid_o(tile_valid),
      .tile_take_i (tile_take),
      .tile_k_o    (tile_k),
      .tile_n_o    (tile_n),
      .tile_first_o(tile_first),
      .ended_o     (gate_ended)
  );
  sequencer #(
      .Rows          (Rows),
      .Drain         (Drain),
      .DoubleBuffered(DoubleBuffered),
      .WeightWords   (WeightWords),
      .ActWords      (ActWords),
      .SizeBits      (SizeBits),
      .TileBits      (TileBits),
      .ActAddrBits   (ActAddrBits),
      .SumAddrBits   (SumAddrBits)
  ) i_sequencer (
      .clk_i        (clk_i),
      .rst_ni       (rst_ni),
      .start_i      (run_start),
      .mode_i       (mode_q),
      .m_i          (m_q),
      .k_tiles_i    (k_tiles_q),
      .n_tiles_i    (n_tiles_q),
      .last_rows_i  (last_rows_q),
      .tile_valid_i (tile_valid),
      .tile_take_o  (tile_take),
      .tile_k_i     (tile_k),
      .tile_n_i     (tile_n),
      .tile_first_i (tile_first),
      .weight_read_o(weight_read),
      .act_read_o   (act_read),
      .act_addr_o   (act_read_addr),
      .take_o       (take),
      .select_o     (select),
      .row_o        (row),
      .init_o       (init),
      .addr_o       (addr),
      .idle_o       (sequencer_idle)
  );

  logic [Cols*SumBits-1:0] sum;
  array #(
      .Rows          (Rows),
      .Cols          (Cols),
      .Format        (Format),
      .Stages        (Stages),
      .DoubleBuffered(DoubleBuffered),
      .ActBits       (ActBits),
      .WeightBits    (WeightBits),
      .SumBits       (SumBits)
  ) i_array (
      .clk_i   (clk_i),
      .rst_ni  (rst_ni),
      .weight_i(weight_row),
      .take_i  (take),
      .act_i   (act_row),
      .select_i(select),
      .sum_o   (sum)
  );

  // The row's label reaches the accumulators one cycle before its sums, and again with them.
  logic early_row, early_init, sum_row, sum_init;
  logic [SumAddrBits-1:0] early_addr, sum_addr;
  delay #(
      .Width(1),
      .Depth(Drain),
      .Reset(1)
  ) i_row_early (
      .clk_i (clk_i),
      .rst_ni(rst_ni),
      .data_i(row),
      .data_o(early_row)
  );
  delay #(
      .Width(1 + SumAddrBits),
      .Depth(Drain)
  ) i_label_early (
      .clk_i (clk_i),
      .rst_ni(1'b1),
      .data_i({init, addr}),
      .data_o({early_init, early_addr})
  );
  delay #(
      .Width(1),
      .Reset(1)
  ) i_row_due (
      .clk_i (clk_i),
      .rst_ni(rst_ni),
      .data_i(early_row),
      .data_o(sum_row)
  );
  delay #(
      .Width(1 + SumAddrBits)
  ) i_label_due (
      .clk_i (clk_i),
      .rst_ni(1'b1),
      .data_i({early_init, early_addr}),
      .data_o({sum_init, sum_addr})
  );

  logic [FlightBits-1:0] flight_q;  // rows that have left the sequencer and have not reached the accumulators
  logic [2**TileBits-1:0] written_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || run_start) flight_q <= '0;
    else flight_q <= flight_q + FlightBits'(row) - FlightBits'(sum_row);
    if (run_start) written_q <= '0;
    else if (tile_take) written_q[tile_n] <= 1'b1;
  end
  assign run_end = busy_o && gate_ended && sequencer_idle && !row && flight_q == FlightBits'(sum_row);

  // ---- what goes out -----------------------------------------------------------------------------------------------
  logic unload_read, result_zero;
  logic [SumAddrBits-1:0] unload_addr;
  logic [Cols*SumBits-1:0] result_row;
  accumulators #(
      .Format  (Format),
      .Cols    (Cols),
      .SumBits (SumBits),
      .AddrBits(SumAddrBits)
  ) i_accumulators (
      .clk_i       (clk_i),
      .rst_ni      (rst_ni),
      .read_i      (early_row || unload_read),
      .read_addr_i (busy_o ? early_addr : unload_addr),
      .write_i     (sum_row),
      .init_i      (sum_init),
      .write_addr_i(sum_addr),
      .sum_i       (sum),
      .data_o      (result_row)
  );
  unloader #(
      .RowBits (SizeBits),
      .ColBits (TileBits),
      .AddrBits(SumAddrBits)
  ) i_unload (
      .clk_i    (clk_i),
      .rst_ni   (rst_ni),
      .start_i  (unload_start),
      .rows_i   (m_q),
      .cols_i   (n_tiles_q),
      .written_i(written_q),
      .read_o   (unload_read),
      .addr_o   (unload_addr),
      .valid_o  (result_valid_o),
      .ready_i  (result_ready_i),
      .zero_o   (result_zero),
      .last_o   (result_last_o),
      .done_o   (unload_done)
  );
  assign result_data_o = result_zero ? '0 : result_row;

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      assert (!row || busy_o)
      else $error("top: a row entered the array outside a run");
      assert (!sum_row || flight_q != 0)
      else $error("top: sums came that no row caused");
    end
  end
`endif
endmodule
