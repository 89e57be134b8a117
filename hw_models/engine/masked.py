"""The fast engine on masked products: survey what lives, then run the recurrence over steps, compiled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hw_models.engine import masked_slabs as survey
from hw_models.engine import recurrence
from hw_models.engine import totals as accounts
from hw_models.engine.compiled import Grid, Ints, Slabs, compiled
from hw_models.engine.masked_slabs import LOADED, PASSES, READ, STREAMED, SUMS, ceil_div, retile
from hw_models.engine.recurrence import (
    ACTIVATES, BANKS, BUSY_END, DMA, END, INTERVAL, NEXT_REFRESH, OPEN, READ_BYTES, READY, READY_NEXT, STATE,
    WRITTEN_BYTES,
)  # fmt: skip
from hw_models.engine.shape import Shape, shape_of
from hw_models.engine.survey import Survey
from hw_models.engine.totals import Totals
from hw_models.hardware import Hardware
from hw_models.program import Gemm
from hw_models.sparsity import ROW_INDEX_BYTES, Product, masked_product

work = compiled(recurrence.work)
flat_request, banked_request = compiled(recurrence.flat_request), compiled(recurrence.banked_request)
may_fetch, fetched = compiled(recurrence.may_fetch), compiled(recurrence.fetched)
may_write, written = compiled(recurrence.may_write), compiled(recurrence.written)
write_figures = compiled(accounts.write_figures)
look, weight_tiles, packed_rows = survey.look, survey.weight_tiles, survey.packed_rows
output_columns, input_rows = survey.output_columns, survey.input_rows

A_ADDRESS, A_SIZE, W_ADDRESS, W_SIZE = 0, 1, 2, 3  # of a step's fetches


@compiled
def folds_of(shape: Shape, tokens: int) -> int:
    """Passes over the same weights for so many tokens."""
    if shape.output_stationary:
        return ceil_div(tokens, shape.rows)
    return ceil_div(tokens, shape.cols) if shape.input_stationary else 1


@compiled
def slab_bits(shape: Shape, k_slabs: int, n_slabs: int) -> Ints:
    """(slabs,) granules of each."""
    bits = np.zeros(k_slabs * n_slabs, np.int64)
    for k in range(k_slabs):
        height = ceil_div(min(shape.k_slab, shape.k - k * shape.k_slab), shape.granule_k)
        for n in range(n_slabs):
            width = ceil_div(min(shape.n_slab, shape.n - n * shape.n_slab), shape.granule_n)
            bits[k * n_slabs + n] = height * width
    return bits


@compiled
def weight_slab_bytes(shape: Shape, slabs: Slabs, bits: Ints) -> Ints:
    """(slabs,) live weights, what is stored about the mask, and the bias."""
    n_slabs = len(slabs.live) // len(slabs.stay_inputs)
    sizes = np.zeros(len(slabs.live), np.int64)
    for slab in range(len(sizes)):
        about = ceil_div(bits[slab], 8) if shape.bitmap else ROW_INDEX_BYTES * slabs.live[slab]
        sizes[slab] = slabs.weights[slab] * shape.weight_bytes + about
        if slab < n_slabs:
            sizes[slab] += min(shape.n_slab, shape.n - slab * shape.n_slab) * shape.bias_bytes
    return sizes


@compiled
def drive(shape: Shape, slabs: Slabs, bits: Ints, rules: Ints, memory: Ints) -> tuple[int, int]:
    """(cycles, busy cycles): all steps in order."""
    k_slabs, n_slabs = len(slabs.stay_inputs), len(slabs.live) // len(slabs.stay_inputs)
    m_slabs = ceil_div(shape.m, shape.m_slab)
    outer, inner = (m_slabs, n_slabs) if shape.m_outer else (n_slabs, m_slabs)
    reads, outputs = fetches(shape, slabs, bits, outer, inner)
    groups, first, trailing, banked = slabs.groups, slabs.first, slabs.trailing, rules[BANKS] > 0
    state = np.zeros(STATE, np.int64)
    for step in range(min(2, len(reads))):
        now = state[DMA]
        fetched(state, fetch_banked(memory, rules, now, reads, step) if banked else fetch_flat(rules, now, reads, step))
        if step == 0:
            state[READY] = state[DMA]
    ahead = 2
    for y in range(outer):
        for x in range(inner):
            m, n = (y, x) if shape.m_outer else (x, y)
            tokens = min(shape.m_slab, shape.m - m * shape.m_slab)
            columns = min(shape.n_slab, shape.n - n * shape.n_slab)
            size = tokens * columns * shape.activation_bytes
            folds = folds_of(shape, tokens)
            rows = 1 if shape.output_stationary or shape.input_stationary else tokens
            for k in range(k_slabs):
                slab = k * n_slabs + n
                work(state, rules, groups, first[slab], first[slab + 1], trailing[slab], folds, rows, k == 0)
                state[READY] = state[READY_NEXT]
                if ahead < len(reads):
                    now = may_fetch(state)
                    if banked:
                        fetched(state, fetch_banked(memory, rules, now, reads, ahead))
                    else:
                        fetched(state, fetch_flat(rules, now, reads, ahead))
                ahead += 1
            if banked:
                before = m * shape.m_slab * shape.n + tokens * n * shape.n_slab
                address = outputs + before * shape.activation_bytes
                now = banked_request(memory, rules, may_write(state), address, size, WRITTEN_BYTES)
                written(state, now)
            elif shape.dram:
                written(state, flat_request(rules, may_write(state), size))
    return state[END], state[BUSY_END]


@compiled
def fetch_flat(rules: Ints, now: int, reads: Ints, step: int) -> int:
    """End of a step's requests, activations before weights."""
    return flat_request(rules, flat_request(rules, now, reads[step, A_SIZE]), reads[step, W_SIZE])


@compiled
def fetch_banked(memory: Ints, rules: Ints, now: int, reads: Ints, step: int) -> int:
    """The same at a memory with banks."""
    now = banked_request(memory, rules, now, reads[step, A_ADDRESS], reads[step, A_SIZE], READ_BYTES)
    return banked_request(memory, rules, now, reads[step, W_ADDRESS], reads[step, W_SIZE], READ_BYTES)


@compiled
def fetches(shape: Shape, slabs: Slabs, bits: Ints, outer: int, inner: int) -> tuple[Ints, int]:
    """(steps, 4) addresses and sizes of what each step brings in, and where the outputs begin."""
    k_slabs, n_slabs = len(slabs.stay_inputs), len(slabs.live) // len(slabs.stay_inputs)
    sizes = weight_slab_bytes(shape, slabs, bits)
    places, end = np.zeros(len(sizes), np.int64), shape.m * shape.full_k * shape.activation_bytes
    for n in range(n_slabs):
        for k in range(k_slabs):
            places[k * n_slabs + n] = end
            end += sizes[k * n_slabs + n]
    spans = np.zeros((outer * inner * k_slabs, 4), np.int64)
    step = 0
    for y in range(outer if shape.dram else 0):
        for x in range(inner):
            m, n = (y, x) if shape.m_outer else (x, y)
            start = m * shape.m_slab
            tokens = min(shape.m_slab, shape.m - start)
            for k in range(k_slabs):
                if not shape.activations_stay or n == 0:
                    inputs = slabs.stay_inputs[k] if shape.activations_stay else slabs.inputs[k * n_slabs + n]
                    before = start * shape.full_k + tokens * k * shape.k_slab
                    spans[step, A_ADDRESS] = before * shape.activation_bytes
                    spans[step, A_SIZE] = tokens * inputs * shape.activation_bytes
                if not shape.weights_stay or m == 0:
                    spans[step, W_ADDRESS] = places[k * n_slabs + n]
                    spans[step, W_SIZE] = sizes[k * n_slabs + n]
                step += 1
    return spans, end


@compiled
def finish(alive: Grid, shape: Shape, slabs: Slabs, rules: Ints, row: Ints) -> None:
    """Run the steps and write the figures."""
    bits = slab_bits(shape, len(slabs.stay_inputs), len(slabs.live) // len(slabs.stay_inputs))
    memory = np.zeros(OPEN + rules[BANKS], np.int64)
    memory[NEXT_REFRESH] = rules[INTERVAL]
    cycles, busy = drive(shape, slabs, bits, rules, memory)
    write_figures(row, total(alive, shape, slabs, bits, cycles, busy, memory), shape, rules)


# One door for each kind of survey, so that only what a machine needs is compiled.


@compiled
def run_weight_stationary(alive: Grid, numbers: Ints, rules: Ints, row: Ints) -> None:
    """Figures of one repetition of a product into a row of zeros; `alive` in the machine's granules."""
    shape = unpack(numbers)
    finish(alive, shape, weight_tiles(alive, shape, rules, look(alive, shape)), rules, row)


@compiled
def run_packed(alive: Grid, numbers: Ints, rules: Ints, row: Ints) -> None:
    """The same on a machine that packs live rows."""
    shape = unpack(numbers)
    finish(alive, shape, packed_rows(alive, shape, look(alive, shape)), rules, row)


@compiled
def run_output_stationary(alive: Grid, numbers: Ints, rules: Ints, row: Ints) -> None:
    """The same on an output stationary machine."""
    shape = unpack(numbers)
    finish(alive, shape, output_columns(alive, shape, look(alive, shape)), rules, row)


@compiled
def run_input_stationary(alive: Grid, numbers: Ints, rules: Ints, row: Ints) -> None:
    """The same on an input stationary machine."""
    shape = unpack(numbers)
    finish(alive, shape, input_rows(alive, shape, look(alive, shape)), rules, row)


def _door(product: Product, hardware: Hardware) -> Callable[[Grid, Ints, Ints, Ints], None]:
    if product.packed:
        return run_packed
    return {
        "weight_stationary": run_weight_stationary,
        "output_stationary": run_output_stationary,
        "input_stationary": run_input_stationary,
    }[hardware.array.dataflow]


@compiled
def total(
    alive: Grid, shape: Shape, slabs: Slabs, bits: Ints, cycles: int, busy: int, memory: Ints
) -> Totals:
    """Add up what the slabs say, over all tokens."""
    m_slabs = ceil_div(shape.m, shape.m_slab)
    whole, last = folds_of(shape, shape.m_slab), folds_of(shape, shape.m - (m_slabs - 1) * shape.m_slab)
    folds = whole * (m_slabs - 1) + last
    mask_bytes = outputs = 0
    for slab in range(len(bits)):
        mask_bytes += ceil_div(bits[slab] * whole, 8) * (m_slabs - 1) + ceil_div(bits[slab] * last, 8)
    for c in range(len(slabs.outputs)):
        outputs += slabs.outputs[c] * min(shape.granule_n, shape.n - c * shape.granule_n)
    about = ceil_div(alive.size, 8) if shape.bitmap else ROW_INDEX_BYTES * slabs.live.sum()
    moving = shape.output_stationary or shape.input_stationary
    tally, weights = slabs.tally, slabs.weights.sum()
    fetched_a, fetched_w = bytes_fetched(shape, slabs, bits)
    read, wrote = fetched_a + fetched_w, shape.m * shape.n * shape.activation_bytes
    if len(memory) > OPEN:
        read, wrote = memory[READ_BYTES], memory[WRITTEN_BYTES]
    return Totals(
        cycles, busy, tally[PASSES] * folds, (tiles_of(shape) - tally[PASSES]) * folds, weights, weights * folds,
        tally[READ] * shape.m, tally[LOADED] * folds, tally[STREAMED] * (folds if moving else shape.m),
        tally[SUMS] * shape.m, outputs, slabs.stay_inputs.sum(), about,
        bits.sum() * folds * shape.bitmap, mask_bytes * shape.bitmap, fetched_a, fetched_w,
        read, wrote, memory[ACTIVATES],
    )  # fmt: skip


@compiled
def bytes_fetched(shape: Shape, slabs: Slabs, bits: Ints) -> tuple[int, int]:
    """Of (activations, weights), all steps together."""
    inputs = slabs.stay_inputs.sum() if shape.activations_stay else slabs.inputs.sum()
    weights = weight_slab_bytes(shape, slabs, bits).sum()
    return (
        shape.m * inputs * shape.activation_bytes,
        weights if shape.weights_stay else weights * ceil_div(shape.m, shape.m_slab),
    )


@compiled
def tiles_of(shape: Shape) -> int:
    """Passes of one fold were nothing dead."""
    tiles_k, tiles_n = ceil_div(shape.k, shape.rows), ceil_div(shape.n, shape.cols)
    if shape.output_stationary:
        return ceil_div(shape.k, shape.k_slab) * tiles_n
    if shape.input_stationary:
        return tiles_k * ceil_div(shape.n, shape.n_slab)
    return tiles_k * tiles_n


@compiled
def unpack(v: Ints) -> Shape:
    """A `Shape` from its numbers: an array crosses into compiled code faster than a tuple."""
    return Shape(
        v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10], v[11], v[12], v[13],
        v[14], v[15], v[16], v[17], v[18], v[19], v[20], v[21], v[22], v[23], v[24], v[25], v[26],
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Plan:
    """What a product's shape and its tiles decide on a machine, ready for any mask."""

    numbers: Ints
    """Of its `Shape`."""
    rules: Ints
    door: Callable[[Grid, Ints, Ints, Ints], None]
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
        alive_here = retile(grid, *self.ranges) if self.ranges else grid.copy()
        self.door(alive_here, self.numbers, self.rules, row)


def _ranges(size: tuple[int, int], old: tuple[int, int], new: tuple[int, int]) -> tuple[Ints, Ints, Ints, Ints]:
    """For each new granule along (k, n) the half-open range of old tiles that it touches."""
    (k_low, k_high), (n_low, n_high) = (
        (starts // was, (np.minimum(starts + becomes, whole) - 1) // was + 1)
        for whole, was, becomes in zip(size, old, new, strict=True)
        for starts in [np.arange(0, whole, becomes)]
    )
    return k_low, k_high, n_low, n_high
