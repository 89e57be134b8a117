"""From what a run of the fast engine comes to, to the figures of a layer."""

from __future__ import annotations

from typing import NamedTuple

from hw_models.bounds import compute_bound_cycles, memory_bound_cycles
from hw_models.engine.survey import Survey
from hw_models.hardware import SUM_BYTES


class Totals(NamedTuple):
    """What one repetition of a product comes to."""

    cycles: int
    busy_cycles: int
    passes: int
    passes_skipped: int
    weights: int
    """Live ones."""
    weight_reads: int
    """Weights read by the array."""
    activation_reads: int
    """Activations read by the array."""
    loaded_rows: int
    """Rows of the array written by what stays, all passes together."""
    streamed_rows: int
    """Rows streamed, all passes together."""
    sums: int
    """That leave the array."""
    outputs: int
    """Columns of the product with a live weight."""
    inputs: int
    """Rows of the reduction that meet a live weight."""
    about_bytes: int
    """Stored beside the weights of the whole matrix: bitmap, indices, selectors."""
    mask_bits: int
    """Looked at."""
    mask_bytes: int
    """Read by the gate."""
    activation_fetched_bytes: int
    weight_fetched_bytes: int


def figures_of(totals: Totals, survey: Survey) -> dict[str, int]:
    """Figures of one repetition, by the names of `FIGURES`; those it lacks are 0."""
    product, hardware = survey.product, survey.hardware
    array = hardware.array
    places, m, n = array.rows * array.cols, product.m, product.n
    macs, live = m * product.full_k * n, m * totals.weights
    output_bytes = m * n * product.activation_bytes
    once = totals.inputs * m * product.activation_bytes + totals.weights * product.weight_bytes + totals.about_bytes
    bias_bytes = n * SUM_BYTES if product.bias else 0
    off_chip = hardware.dram is not None
    stays, moves = totals.loaded_rows * places, totals.streamed_rows * places
    activation, weight = {
        "weight_stationary": (moves, stays),
        "output_stationary": (moves, moves),
        "input_stationary": (stays, moves),
    }[array.dataflow]
    return {
        "cycles": totals.cycles,
        "busy_cycles": totals.busy_cycles,
        "stall_cycles": totals.cycles - totals.busy_cycles,
        "passes": totals.passes,
        "passes_skipped": totals.passes_skipped,
        "macs": macs,
        "macs_skipped": macs - live,
        "activation_register_writes": activation,
        "weight_register_writes": weight,
        "sum_register_writes": moves * (1 if array.dataflow == "output_stationary" else array.pe_stages),
        "activation_sram_read_bytes": totals.activation_reads * product.activation_bytes,
        "activation_sram_write_bytes": totals.activation_fetched_bytes,
        "weight_sram_read_bytes": totals.weight_reads * product.weight_bytes
        + totals.mask_bytes
        + (survey.m.count * bias_bytes if off_chip else 0),
        "weight_sram_write_bytes": totals.weight_fetched_bytes,
        "output_sram_read_bytes": (totals.sums - m * totals.outputs + (m * n if off_chip else 0)) * SUM_BYTES,
        "output_sram_write_bytes": totals.sums * SUM_BYTES,
        "dram_read_bytes": totals.activation_fetched_bytes + totals.weight_fetched_bytes,
        "dram_write_bytes": output_bytes if off_chip else 0,
        "mask_bits": totals.mask_bits,
        "bound_compute_cycles": compute_bound_cycles(live, hardware),
        "bound_memory_cycles": memory_bound_cycles(once + bias_bytes + output_bytes, hardware),
    }
