"""What SCALE-Sim 3.0.0 reports for one dense product in its CALC mode, in closed form, its mistakes included.

With R x C the array, (S_r, S_c, T) = (K, N, M) weight stationary, (M, N, K) output stationary, (K, M, N) input
stationary, F = ceil(S_r / R) * ceil(S_c / C) folds that follow each other without overlap, each of
L = 2R + C + T - 2 cycles (weight, input) or R + C + T - 2 (output stationary: no term for draining the outputs).

Known mistakes that are kept on purpose, because a user compares digit by digit:

* `total_cycles` is the index of the last cycle, F L - 1; the count is F L (`true_cycles`).
* `compute_util_pct` divides by L + C - 1 where the fold takes L (weight and input stationary).
* `sram_ofmap_writes` counts F (R + C) writes too many (output stationary).
* partial sums are written for each fold of the reduction and never read back.

A layer with N:M weights (version 3, layer-wise mode) runs with the shorter K of its kept weights on all three
dataflows; its utilisation still counts all MACs, and weight stationary reads each input M / N times, a fraction in
SCALE-Sim's report and here.

Source: read from the reports of version 3.0.0 and compared with them row by row, see tests/values.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import ceil
from typing import Literal

from hw_models.compat.scalesim.storage import kept_rows

Dataflow = Literal["weight_stationary", "output_stationary", "input_stationary"]


@dataclass(frozen=True)
class ScaleSimFigures:
    """The columns of SCALE-Sim's compute report and the SRAM counts of its access report, for one run of a layer."""

    total_cycles: int
    stall_cycles: int
    overall_util_pct: float
    mapping_efficiency_pct: float
    compute_util_pct: float
    sram_ifmap_reads: int | float
    sram_filter_reads: int
    sram_ofmap_writes: int
    true_cycles: int

    def as_dict(self) -> dict[str, int | float]:
        """The figures under the names of the JSON contract."""
        return asdict(self)


def figures(
    m: int, k: int, n: int, rows: int, cols: int, dataflow: Dataflow, n_of_m: tuple[int, int] = (1, 1)
) -> ScaleSimFigures:
    """The report of one product C[m, n] = A[m, k] B[k, n] on a `rows` x `cols` array, `n_of_m` weights kept along k."""
    macs, (kept, group) = m * k * n, n_of_m
    k = kept_rows(k, n_of_m)
    along_rows, along_cols, streamed = _mapped(m, k, n, dataflow)
    row_folds, col_folds = ceil(along_rows / rows), ceil(along_cols / cols)
    folds = row_folds * col_folds
    output_stationary = dataflow == "output_stationary"
    fold_cycles = (1 if output_stationary else 2) * rows + cols + streamed - 2
    utilised_over = fold_cycles if output_stationary else fold_cycles + cols - 1
    cycles = folds * fold_cycles
    if cycles == 1:
        raise ValueError("compat scalesim: 1x1x1 output stationary on a 1x1 array: SCALE-Sim divides by 0 cycles")
    ifmap, filters, ofmap = _sram_counts(m, k, n, row_folds, col_folds, folds * (rows + cols), dataflow)
    return ScaleSimFigures(
        total_cycles=cycles - 1,
        stall_cycles=0,
        overall_util_pct=100 * macs / ((cycles - 1) * rows * cols),
        mapping_efficiency_pct=100 * along_rows * along_cols / (folds * rows * cols),
        compute_util_pct=100 * along_rows * along_cols * streamed / (folds * rows * cols * utilised_over),
        sram_ifmap_reads=_ratio(ifmap * group, kept) if dataflow == "weight_stationary" else ifmap,
        sram_filter_reads=filters,
        sram_ofmap_writes=ofmap,
        true_cycles=cycles,
    )


def _ratio(count: int, divisor: int) -> int | float:
    """Whole where it is."""
    return count / divisor if count % divisor else count // divisor


def _mapped(m: int, k: int, n: int, dataflow: Dataflow) -> tuple[int, int, int]:
    """(S_r, S_c, T): what lies along the rows, what along the columns, what is streamed."""
    if dataflow == "weight_stationary":
        return k, n, m
    if dataflow == "output_stationary":
        return m, n, k
    return k, m, n


def _sram_counts(
    m: int, k: int, n: int, row_folds: int, col_folds: int, spurious_writes: int, dataflow: Dataflow
) -> tuple[int, int, int]:
    """Reads of the input, reads of the weights, writes of the output, in words."""
    if dataflow == "weight_stationary":
        return m * k * col_folds, k * n, m * n * row_folds
    if dataflow == "output_stationary":
        return m * k * col_folds, k * n * row_folds, m * n + spurious_writes
    return m * k, k * n * col_folds, m * n * row_folds
