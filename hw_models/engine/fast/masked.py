"""The fast engine on masked products: look at the granules, find the passes, drive the steps, write the figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hw_models.dataflow import ROW_INDEX_BYTES
from hw_models.engine.fast import totals
from hw_models.engine.fast.compiled import Grid, Ints, Passes, Slabs, compiled
from hw_models.engine.fast.masked_look import ceil_div, look, retile
from hw_models.engine.fast.masked_passes import LOADED, PASSES, READ, STREAMED, SUMS, packed_rows, weight_tiles
from hw_models.engine.fast.masked_steps import drive, folds_of, weight_slab_bytes
from hw_models.engine.fast.masked_streams import input_rows, output_columns
from hw_models.engine.fast.recurrence import ACTIVATES, BANKS, INTERVAL, NEXT_REFRESH, OPEN, READ_BYTES, WRITTEN_BYTES
from hw_models.engine.fast.shape import Shape, shape_of
from hw_models.engine.fast.survey import Survey
from hw_models.engine.fast.totals import Totals
from hw_models.hardware import Hardware
from hw_models.program import Gemm
from hw_models.sparsity import Product, masked_product

write_figures = compiled(totals.write_figures)
Door = Callable[[Grid, Ints, Ints, Ints], None]


@compiled
def unpack(v: Ints) -> Shape:
    """A `Shape` from its numbers: an array crosses into compiled code faster than a tuple."""
    return Shape(
        v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10], v[11], v[12], v[13],
        v[14], v[15], v[16], v[17], v[18], v[19], v[20], v[21], v[22], v[23], v[24], v[25], v[26],
    )  # fmt: skip


# One door for each kind of machine, so that only what it needs is compiled. Each writes the figures of one repetition
# into a row of zeros; `alive` comes in the machine's granules.


@compiled
def run_weight_stationary(alive: Grid, numbers: Ints, rules: Ints, row: Ints) -> None:
    """Tiles of weights stay."""
    shape = unpack(numbers)
    slabs = look(alive, shape)
    finish(shape, slabs, weight_tiles(alive, shape, rules, slabs), rules, row)


@compiled
def run_packed(alive: Grid, numbers: Ints, rules: Ints, row: Ints) -> None:
    """Tiles of packed rows of weights stay."""
    shape = unpack(numbers)
    slabs = look(alive, shape)
    finish(shape, slabs, packed_rows(alive, shape, slabs), rules, row)


@compiled
def run_output_stationary(alive: Grid, numbers: Ints, rules: Ints, row: Ints) -> None:
    """Tiles of sums stay."""
    shape = unpack(numbers)
    slabs = look(alive, shape)
    finish(shape, slabs, output_columns(alive, shape, slabs), rules, row)


@compiled
def run_input_stationary(alive: Grid, numbers: Ints, rules: Ints, row: Ints) -> None:
    """Tiles of activations stay."""
    shape = unpack(numbers)
    slabs = look(alive, shape)
    finish(shape, slabs, input_rows(alive, shape, slabs), rules, row)


@compiled
def finish(shape: Shape, slabs: Slabs, passes: Passes, rules: Ints, row: Ints) -> None:
    """Drive the steps and write the figures."""
    memory = np.zeros(OPEN + rules[BANKS], np.int64)
    memory[NEXT_REFRESH] = rules[INTERVAL]
    cycles, busy = drive(shape, slabs, passes, rules, memory)
    write_figures(row, total(shape, slabs, passes, cycles, busy, memory), shape, rules)


@compiled
def total(shape: Shape, slabs: Slabs, passes: Passes, cycles: int, busy: int, memory: Ints) -> Totals:
    """Add up what the slabs say, over all tokens."""
    m_slabs = ceil_div(shape.m, shape.m_slab)
    whole, last = folds_of(shape, shape.m_slab), folds_of(shape, shape.m - (m_slabs - 1) * shape.m_slab)
    folds = whole * (m_slabs - 1) + last
    mask_bits = about_read = outputs = 0
    for slab in range(len(slabs.live)):
        once, each = passes.bits_once[slab], passes.bits_each_fold[slab]
        mask_bits += once * m_slabs + each * folds
        about_read += ceil_div(once + each * whole, 8) * (m_slabs - 1) + ceil_div(once + each * last, 8)
    for c in range(len(slabs.outputs)):
        outputs += slabs.outputs[c] * min(shape.granule_n, shape.n - c * shape.granule_n)
    if not shape.bitmap:
        about_read = ROW_INDEX_BYTES * slabs.live.sum() * m_slabs
    moving = shape.output_stationary or shape.input_stationary
    tally, weights = passes.tally, slabs.weights.sum()
    inputs = slabs.stay_inputs.sum() if shape.activations_stay else slabs.inputs.sum()
    fetched_a = shape.m * inputs * shape.activation_bytes * shape.dram
    fetched_w = weight_slab_bytes(shape, slabs, passes).sum() * (1 if shape.weights_stay else m_slabs) * shape.dram
    read, wrote = fetched_a + fetched_w, shape.m * shape.n * shape.activation_bytes
    if len(memory) > OPEN:
        read, wrote = memory[READ_BYTES], memory[WRITTEN_BYTES]
    return Totals(
        cycles, busy, tally[PASSES] * folds, (tiles_of(shape) - tally[PASSES]) * folds, weights, weights * folds,
        tally[READ] * shape.m, tally[LOADED] * folds, tally[STREAMED] * (folds if moving else shape.m),
        tally[SUMS] * shape.m, outputs, slabs.stay_inputs.sum(),
        mask_bits, about_read, fetched_a, fetched_w,
        read, wrote, memory[ACTIVATES],
    )  # fmt: skip


@compiled
def tiles_of(shape: Shape) -> int:
    """Passes of one fold were nothing dead."""
    tiles_k, tiles_n = ceil_div(shape.k, shape.rows), ceil_div(shape.n, shape.cols)
    if shape.output_stationary:
        return ceil_div(shape.k, shape.k_slab) * tiles_n
    if shape.input_stationary:
        return tiles_k * ceil_div(shape.n, shape.n_slab)
    return tiles_k * tiles_n


@dataclass(frozen=True, eq=False)
class Plan:
    """What a product's shape and its tiles decide on a machine, ready for any mask."""

    numbers: Ints
    """Of its `Shape`."""
    rules: Ints
    door: Door
    ranges: tuple[Ints, Ints, Ints, Ints] | None
    """Old tiles under each new granule, see `retile`; None: the mask comes in the machine's granules."""

    @classmethod
    def of(cls, gemm: Gemm, tile: tuple[int, int], hardware: Hardware) -> Plan:
        """For masks in tiles of (k, n) elements."""
        product = masked_product(gemm, hardware)
        survey = Survey.of(product, hardware)
        ranges = None if tile == product.granule else _ranges((product.k, product.n), tile, product.granule)
        return cls(np.array(shape_of(survey)), np.array(survey.rules()), _door(product, hardware), ranges)

    def run(self, alive: npt.NDArray[np.bool_], row: Ints) -> None:
        """Figures of one repetition, into a row of zeros."""
        grid = alive.view(np.uint8)
        self.door(retile(grid, *self.ranges) if self.ranges else grid.copy(), self.numbers, self.rules, row)


def _door(product: Product, hardware: Hardware) -> Door:
    if product.packed:
        return run_packed
    return {
        "weight_stationary": run_weight_stationary,
        "output_stationary": run_output_stationary,
        "input_stationary": run_input_stationary,
    }[hardware.array.dataflow]


def _ranges(size: tuple[int, int], old: tuple[int, int], new: tuple[int, int]) -> tuple[Ints, Ints, Ints, Ints]:
    """For each new granule along (k, n) the half-open range of old tiles that it touches."""
    (k_low, k_high), (n_low, n_high) = (
        (starts // was, (np.minimum(starts + becomes, whole) - 1) // was + 1)
        for whole, was, becomes in zip(size, old, new, strict=True)
        for starts in [np.arange(0, whole, becomes)]
    )
    return k_low, k_high, n_low, n_high
