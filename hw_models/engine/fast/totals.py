"""From what a run of the fast engine comes to, to the figures of a layer; plain Python that numba can compile."""

from __future__ import annotations

from typing import NamedTuple

from hw_models.cost import COLUMN
from hw_models.engine.fast.recurrence import BANDWIDTH, CLOCK, Row
from hw_models.engine.fast.shape import Shape

CYCLES, BUSY, STALL = COLUMN["cycles"], COLUMN["busy_cycles"], COLUMN["stall_cycles"]
PASSES, PASSES_SKIPPED = COLUMN["passes"], COLUMN["passes_skipped"]
MACS, MACS_SKIPPED = COLUMN["macs"], COLUMN["macs_skipped"]
ACTIVATION_REGISTERS = COLUMN["activation_register_writes"]
WEIGHT_REGISTERS, SUM_REGISTERS = COLUMN["weight_register_writes"], COLUMN["sum_register_writes"]
ACTIVATION_READ, ACTIVATION_WRITE = COLUMN["activation_sram_read_bytes"], COLUMN["activation_sram_write_bytes"]
WEIGHT_READ, WEIGHT_WRITE = COLUMN["weight_sram_read_bytes"], COLUMN["weight_sram_write_bytes"]
OUTPUT_READ, OUTPUT_WRITE = COLUMN["output_sram_read_bytes"], COLUMN["output_sram_write_bytes"]
DRAM_READ, DRAM_WRITE = COLUMN["dram_read_bytes"], COLUMN["dram_write_bytes"]
DRAM_ACTIVATES, MASK_BITS = COLUMN["dram_activates"], COLUMN["mask_bits"]
BOUND_COMPUTE, BOUND_MEMORY = COLUMN["bound_compute_cycles"], COLUMN["bound_memory_cycles"]
SUM = 4  # bytes of a partial sum


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
    mask_bits: int
    """Looked at."""
    about_read_bytes: int
    """Of what is stored beside the weights, read from the weight buffer."""
    activation_fetched_bytes: int
    weight_fetched_bytes: int
    dram_read_bytes: int
    """The same together, in whole bursts where the DRAM has them."""
    dram_write_bytes: int
    dram_activates: int


def write_figures(row: Row, totals: Totals, shape: Shape, rules: Row) -> None:
    """Figures of one repetition into a row of zeros, columns as in `FIGURES`."""
    places = shape.rows * shape.cols
    live = shape.m * totals.weights
    stays, moves = totals.loaded_rows * places, totals.streamed_rows * places
    row[CYCLES], row[BUSY], row[STALL] = totals.cycles, totals.busy_cycles, totals.cycles - totals.busy_cycles
    row[PASSES], row[PASSES_SKIPPED] = totals.passes, totals.passes_skipped
    row[MACS] = shape.m * shape.full_k * shape.n
    row[MACS_SKIPPED] = row[MACS] - live
    row[ACTIVATION_REGISTERS] = stays if shape.input_stationary else moves
    row[WEIGHT_REGISTERS] = moves if shape.input_stationary or shape.output_stationary else stays
    row[SUM_REGISTERS] = moves if shape.output_stationary else moves * shape.stages
    row[ACTIVATION_READ] = totals.activation_reads * shape.activation_bytes
    row[WEIGHT_READ] = totals.weight_reads * shape.weight_bytes + totals.about_read_bytes
    row[OUTPUT_READ] = (totals.sums - shape.m * totals.outputs) * SUM
    row[OUTPUT_WRITE] = totals.sums * SUM
    row[MASK_BITS] = totals.mask_bits
    row[BOUND_COMPUTE] = -(-live // places)
    if shape.dram:
        bias = shape.n * shape.bias_bytes
        written = shape.m * shape.n * shape.activation_bytes
        row[WEIGHT_READ] += -(-shape.m // shape.m_slab) * bias
        row[OUTPUT_READ] += shape.m * shape.n * SUM
        row[ACTIVATION_WRITE], row[WEIGHT_WRITE] = totals.activation_fetched_bytes, totals.weight_fetched_bytes
        row[DRAM_READ], row[DRAM_WRITE] = totals.dram_read_bytes, totals.dram_write_bytes
        row[DRAM_ACTIVATES] = totals.dram_activates
        once = totals.inputs * shape.m * shape.activation_bytes + totals.weights * shape.weight_bytes
        once += bias + written
        row[BOUND_MEMORY] = -(-once * rules[CLOCK] // rules[BANDWIDTH])
