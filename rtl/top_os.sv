// SPDX-License-Identifier: Apache-2.0
// One dense matrix product on the output-stationary array: the variant beside top.sv, with the same phases and streams.
//
// A job brings m, k and the tiles of Cols outputs. Activations come as words of Rows (a step along k for Rows tokens),
// steps inside token tiles; weights as words of Cols, steps inside output tiles; results leave as in top.sv. Columns of
// outputs run outside, rows of tokens inside. job_overlap_i: 0 serial (a pass waits for the last sum of the one
// before), 1 double_buffered (a pass follows in max(k, Rows) cycles). busy_o marks the run as docs/timing.md counts it.
//
// error_o: [0] a size of 0 or more results than fit, [1] activations: not m_tiles * k words, [2] weights: not n_tiles * k.
//
// Latency: of a run, docs/timing.md; the first result is offered two cycles behind it.
// Reset:   synchronous, low; no memory is cleared.
module top_os #(
    parameter int Rows           = 4,
    parameter int Cols           = 4,
    parameter int Format         = 0,
    parameter int ActBits        = 8,
    parameter int WeightBits     = 8,
    parameter int SumBits        = 32,
    parameter int SizeBits       = 10,
    parameter int TileBits       = 6,
    parameter int WeightAddrBits = 10,
    parameter int ActAddrBits    = 10,
    parameter int SumAddrBits    = 10
) (
    input  logic                       clk_i,
    input  logic                       rst_ni,
    input  logic                       job_valid_i,
    output logic                       job_ready_o,
    input  logic                       job_overlap_i,
    input  logic [       SizeBits-1:0] job_m_i,
    input  logic [       SizeBits-1:0] job_k_i,
    input  logic [       TileBits-1:0] job_m_tiles_i,
    input  logic [       TileBits-1:0] job_n_tiles_i,
    input  logic                       act_valid_i,
    output logic                       act_ready_o,
    input  logic [   Rows*ActBits-1:0] act_data_i,
    input  logic                       act_last_i,
    input  logic                       weight_valid_i,
    output logic                       weight_ready_o,
    input  logic [Cols*WeightBits-1:0] weight_data_i,
    input  logic                       weight_last_i,
    output logic                       result_valid_o,
    input  logic                       result_ready_i,
    output logic [   Cols*SumBits-1:0] result_data_o,
    output logic                       result_last_o,
    output logic                       busy_o,
    output logic [               31:0] cycles_o,
    output logic [               31:0] passes_o,
    output logic [                2:0] error_o
);
  require #(
      .Sizes   (SizeBits >= 1 && TileBits >= 1),
      .Memories(WeightAddrBits >= 1 && ActAddrBits >= 1 && SumAddrBits >= 1)
  ) i_require ();

  localparam int Drain = Rows + Cols - 2;
  localparam int GapBits = SizeBits + $clog2(Drain + 2);
  localparam int ProductBits = 2 * SizeBits + 2 * TileBits + 16;

  typedef enum logic [2:0] {IDLE, LOAD, CHECK, RUN, UNLOAD} phase_e;
  phase_e phase_q;
  logic job_start, run_start, run_end, unload_done, loaded, pass_start;
  logic overlap_q;
  logic [SizeBits-1:0] m_q, k_q;
  logic [TileBits-1:0] m_tiles_q, n_tiles_q;
  logic [2:0] error_check;

  assign job_ready_o = phase_q == IDLE;
  assign job_start   = job_ready_o && job_valid_i;
  assign run_start   = phase_q == CHECK && error_check == 0;
  assign busy_o      = phase_q == RUN;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      phase_q <= IDLE;
      error_o <= '0;
    end else begin
      case (phase_q)
        IDLE:    if (job_valid_i) phase_q <= LOAD;
        LOAD:    if (loaded) phase_q <= CHECK;
        CHECK:   phase_q <= run_start ? RUN : IDLE;
        RUN:     if (run_end) phase_q <= UNLOAD;
        default: if (unload_done) phase_q <= IDLE;
      endcase
      if (job_start) error_o <= '0;
      else if (phase_q == CHECK) error_o <= error_check;
    end
    if (job_start) begin
      overlap_q <= job_overlap_i;
      m_q       <= job_m_i;
      k_q       <= job_k_i;
      m_tiles_q <= job_m_tiles_i;
      n_tiles_q <= job_n_tiles_i;
    end
    if (run_start) cycles_o <= '0;
    else if (busy_o) cycles_o <= cycles_o + 1;
    if (run_start) passes_o <= '0;
    else if (pass_start) passes_o <= passes_o + 1;
  end

  // ---- what comes in -----------------------------------------------------------------------------------------------
  logic act_write, act_complete, act_full, weight_write, weight_complete, weight_full, step;
  logic [ActAddrBits-1:0] act_write_addr, act_addr;
  logic [ActAddrBits:0] act_count;
  logic [WeightAddrBits-1:0] weight_write_addr, weight_addr;
  logic [WeightAddrBits:0] weight_count;
  logic [Rows*ActBits-1:0] act_word;
  logic [Cols*WeightBits-1:0] weight_word;
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
      .Width   (Rows * ActBits),
      .AddrBits(ActAddrBits)
  ) i_acts (
      .clk_i       (clk_i),
      .write_i     (act_write),
      .write_addr_i(act_write_addr),
      .data_i      (act_data_i),
      .read_i      (step),
      .read_addr_i (act_addr),
      .data_o      (act_word)
  );
  loader #(
      .AddrBits(WeightAddrBits)
  ) i_load_weights (
      .clk_i     (clk_i),
      .rst_ni    (rst_ni),
      .clear_i   (job_start),
      .skip_i    (1'b0),
      .valid_i   (weight_valid_i),
      .ready_o   (weight_ready_o),
      .last_i    (weight_last_i),
      .write_o   (weight_write),
      .addr_o    (weight_write_addr),
      .complete_o(weight_complete),
      .count_o   (weight_count),
      .full_o    (weight_full)
  );
  sram_1r1w #(
      .Width   (Cols * WeightBits),
      .AddrBits(WeightAddrBits)
  ) i_weights (
      .clk_i       (clk_i),
      .write_i     (weight_write),
      .write_addr_i(weight_write_addr),
      .data_i      (weight_data_i),
      .read_i      (step),
      .read_addr_i (weight_addr),
      .data_o      (weight_word)
  );

  logic [ProductBits-1:0] acts, weights, results;
  assign loaded         = act_complete && weight_complete;
  assign acts           = ProductBits'(m_tiles_q) * ProductBits'(k_q);
  assign weights        = ProductBits'(n_tiles_q) * ProductBits'(k_q);
  assign results        = ProductBits'(m_tiles_q) * ProductBits'(Rows) * ProductBits'(n_tiles_q);
  assign error_check[0] = m_q == 0 || k_q == 0 || m_tiles_q == 0 || n_tiles_q == 0
      || results > ProductBits'(1) << SumAddrBits || int'(m_q) > int'(m_tiles_q) * Rows;
  assign error_check[1] = act_full || ProductBits'(act_count) != acts;
  assign error_check[2] = weight_full || ProductBits'(weight_count) != weights;

  // ---- the run: a pass of k steps for every tile of sums -----------------------------------------------------------
  logic more_q, stream_q, first, whole, last_pass, first_q, whole_q, step_q;
  logic [SizeBits-1:0] at, at_q;
  logic [TileBits-1:0] m_tile_q, n_tile_q;
  logic [ActAddrBits-1:0] act_addr_q;
  logic [WeightAddrBits-1:0] weight_addr_q, weight_base_q;
  logic [SumAddrBits-1:0] row_addr_q;
  logic [GapBits-1:0] gap_q;  // cycles that the next pass must still wait
  assign pass_start  = busy_o && more_q && !stream_q && gap_q == 0;
  assign step        = pass_start || stream_q;
  assign at          = pass_start ? '0 : at_q;
  assign first       = pass_start;
  assign whole       = step && at == k_q - 1'b1;
  assign last_pass   = m_tile_q == m_tiles_q - 1'b1 && n_tile_q == n_tiles_q - 1'b1;
  assign act_addr    = act_addr_q;
  assign weight_addr = weight_addr_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      more_q   <= 1'b0;
      stream_q <= 1'b0;
      first_q  <= 1'b0;
      whole_q  <= 1'b0;
      step_q   <= 1'b0;
    end else begin
      more_q   <= run_start || (more_q && !(whole && last_pass));
      stream_q <= step && !whole;
      first_q  <= first;
      whole_q  <= whole;
      step_q   <= step;
    end
    if (run_start) gap_q <= '0;
    else if (pass_start && overlap_q) gap_q <= GapBits'(Rows - 1);
    else if (whole && !overlap_q) gap_q <= GapBits'(Drain);
    else gap_q <= gap_q - GapBits'(gap_q != 0);
    if (step) at_q <= at + 1'b1;
    if (run_start) begin
      m_tile_q      <= '0;
      n_tile_q      <= '0;
      act_addr_q    <= '0;
      weight_addr_q <= '0;
      weight_base_q <= '0;
    end else if (step) begin
      act_addr_q    <= act_addr_q + 1'b1;
      weight_addr_q <= weight_addr_q + 1'b1;
      if (whole && m_tile_q == m_tiles_q - 1'b1) begin
        m_tile_q      <= '0;
        n_tile_q      <= n_tile_q + 1'b1;
        act_addr_q    <= '0;
        weight_base_q <= weight_addr_q + 1'b1;
      end else if (whole) begin
        m_tile_q      <= m_tile_q + 1'b1;
        weight_addr_q <= weight_base_q;
      end
    end
  end

  logic [Cols*SumBits-1:0] sum;
  array_os #(
      .Rows      (Rows),
      .Cols      (Cols),
      .Format    (Format),
      .ActBits   (ActBits),
      .WeightBits(WeightBits),
      .SumBits   (SumBits)
  ) i_array (
      .clk_i   (clk_i),
      .rst_ni  (rst_ni),
      .act_i   (step_q ? act_word : '0),
      .weight_i(weight_word),
      .first_i (first_q),
      .whole_i (whole_q),
      .sum_o   (sum)
  );

  // ---- sums: Rows of them behind each whole pass, Cols cycles later ------------------------------------------------
  logic whole_due, last_due, write, write_q, final_q, write_end;
  logic [$clog2(Rows):0] row, row_q;
  logic [TileBits-1:0] n_due;
  logic [SumAddrBits-1:0] base_due, sum_addr;
  always_ff @(posedge clk_i) begin
    if (run_start) row_addr_q <= '0;
    else if (whole && m_tile_q == m_tiles_q - 1'b1) row_addr_q <= '0;
    else if (whole) row_addr_q <= row_addr_q + SumAddrBits'(Rows) * SumAddrBits'(n_tiles_q);
  end
  delay #(
      .Width(2),
      .Depth(Cols + 1),
      .Reset(1)
  ) i_whole_due (
      .clk_i (clk_i),
      .rst_ni(rst_ni),
      .data_i({whole && last_pass, whole}),
      .data_o({last_due, whole_due})
  );
  delay #(
      .Width(TileBits + SumAddrBits),
      .Depth(Cols + 1)
  ) i_place_due (
      .clk_i (clk_i),
      .rst_ni(1'b1),
      .data_i({n_tile_q, row_addr_q}),
      .data_o({n_due, base_due})
  );
  logic [SumAddrBits-1:0] sum_addr_q;
  assign write     = whole_due || write_q;
  assign row       = whole_due ? '0 : row_q;
  assign sum_addr  = whole_due ? base_due + SumAddrBits'(n_due) : sum_addr_q;
  assign write_end = write && row == ($clog2(Rows) + 1)'(Rows - 1);
  assign run_end   = write_end && (last_due || final_q);
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      write_q <= 1'b0;
      final_q <= 1'b0;
    end else begin
      write_q <= write && !write_end;
      final_q <= (last_due || final_q) && !write_end;
    end
    row_q      <= row + 1'b1;
    sum_addr_q <= sum_addr + SumAddrBits'(n_tiles_q);
  end

  logic unload_read, unused_zero;
  logic [SumAddrBits-1:0] unload_addr;
  sram_1r1w #(
      .Width   (Cols * SumBits),
      .AddrBits(SumAddrBits)
  ) i_sums (
      .clk_i       (clk_i),
      .write_i     (write),
      .write_addr_i(sum_addr),
      .data_i      (sum),
      .read_i      (unload_read),
      .read_addr_i (unload_addr),
      .data_o      (result_data_o)
  );
  unloader #(
      .RowBits (SizeBits),
      .ColBits (TileBits),
      .AddrBits(SumAddrBits)
  ) i_unload (
      .clk_i    (clk_i),
      .rst_ni   (rst_ni),
      .start_i  (run_end),
      .rows_i   (m_q),
      .cols_i   (n_tiles_q),
      .written_i('1),
      .read_o   (unload_read),
      .addr_o   (unload_addr),
      .valid_o  (result_valid_o),
      .ready_i  (result_ready_i),
      .zero_o   (unused_zero),
      .last_o   (result_last_o),
      .done_o   (unload_done)
  );

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      assert (!write || busy_o)
      else $error("top_os: sums were written outside a run");
      assert (!result_valid_o || phase_q == UNLOAD)
      else $error("top_os: a result was offered before the run had ended");
    end
  end
`endif
endmodule
