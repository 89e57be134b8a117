"""The fast engine on masked products: survey what lives, then run the recurrence over steps, compiled."""

from __future__ import annotations

import numpy as np

from hw_models.engine import masked_slabs as survey
from hw_models.engine import recurrence
from hw_models.engine.compiled import Grid, Ints, Shape, Slabs, compiled
from hw_models.engine.masked_slabs import LOADED, PASSES, READ, STREAMED, SUMS, ceil_div
from hw_models.engine.recurrence import (
    BANDWIDTH, BITMAP, BUSY_END, CLOCK, DMA, END, LATENCY, READY, READY_NEXT, STATE,
)  # fmt: skip
from hw_models.engine.survey import Survey
from hw_models.engine.totals import Totals
from hw_models.hardware import SUM_BYTES
from hw_models.sparsity import ROW_INDEX_BYTES

advance = compiled(recurrence.advance)
look, weight_tiles, packed_rows = survey.look, survey.weight_tiles, survey.packed_rows
output_columns, input_rows = survey.output_columns, survey.input_rows


@compiled
def folds_of(shape: Shape, tokens: int) -> int:
    """Passes over the same weights for so many tokens."""
    if shape.output_stationary:
        return ceil_div(tokens, shape.rows)
    return ceil_div(tokens, shape.cols) if shape.input_stationary else 1


@compiled
def slab_bytes(shape: Shape, slabs: Slabs, k: int, n: int, bitmap: bool) -> int:
    """Live weights, what is stored about the mask, and the bias."""
    at = k * ceil_div(shape.n, shape.n_slab) + n
    columns = min(shape.n_slab, shape.n - n * shape.n_slab)
    about = ROW_INDEX_BYTES * slabs.live[at]
    if bitmap:
        about = ceil_div(slab_bits(shape, k, n), 8)
    return slabs.weights[at] * shape.weight_bytes + about + (columns * shape.bias_bytes if k == 0 else 0)


@compiled
def slab_bits(shape: Shape, k: int, n: int) -> int:
    """Granules of a slab."""
    height = min(shape.k_slab, shape.k - k * shape.k_slab)
    width = min(shape.n_slab, shape.n - n * shape.n_slab)
    return ceil_div(height, shape.granule_k) * ceil_div(width, shape.granule_n)


@compiled
def place_of(shape: Shape, step: int) -> tuple[int, int, int]:
    """(m, k, n) slab of a step."""
    k_slabs = ceil_div(shape.k, shape.k_slab)
    inner = ceil_div(shape.n, shape.n_slab) if shape.m_outer else ceil_div(shape.m, shape.m_slab)
    output, k = step // k_slabs, step % k_slabs
    y, x = output // inner, output % inner
    return (y, k, x) if shape.m_outer else (x, k, y)


@compiled
def fetch(shape: Shape, slabs: Slabs, step: int, bitmap: bool) -> tuple[int, int]:
    """Bytes of (activations, weights) that a step brings in."""
    if not shape.dram:
        return 0, 0
    m, k, n = place_of(shape, step)
    activation = weight = 0
    if not shape.activations_stay or n == 0:
        inputs = slabs.stay_inputs[k]
        if not shape.activations_stay:
            inputs = slabs.inputs[k * ceil_div(shape.n, shape.n_slab) + n]
        activation = min(shape.m_slab, shape.m - m * shape.m_slab) * inputs * shape.activation_bytes
    if not shape.weights_stay or m == 0:
        weight = slab_bytes(shape, slabs, k, n, bitmap)
    return activation, weight


@compiled
def drive(shape: Shape, slabs: Slabs, rules: Ints) -> tuple[int, int, int, int]:
    """(cycles, busy cycles, activation bytes fetched, weight bytes fetched): all steps in order."""
    k_slabs, n_slabs = ceil_div(shape.k, shape.k_slab), ceil_div(shape.n, shape.n_slab)
    steps = ceil_div(shape.m, shape.m_slab) * n_slabs * k_slabs
    bitmap = rules[BITMAP] == 1
    state = np.zeros(STATE, np.int64)
    fetched_a = fetched_w = 0
    for step in range(min(2, steps)):
        activation, weight = fetch(shape, slabs, step, bitmap)
        for size in (activation, weight):
            if size:
                state[DMA] += rules[LATENCY] + ceil_div(size * rules[CLOCK], rules[BANDWIDTH])
        state[READY_NEXT if step else READY] = state[DMA]
        fetched_a += activation
        fetched_w += weight
    for step in range(steps):
        m, k, n = place_of(shape, step)
        tokens = min(shape.m_slab, shape.m - m * shape.m_slab)
        fetches = step + 2 < steps
        activation, weight = fetch(shape, slabs, step + 2, bitmap) if fetches else (0, 0)
        fetched_a += activation
        fetched_w += weight
        columns = min(shape.n_slab, shape.n - n * shape.n_slab)
        ends = k == k_slabs - 1
        slab = k * n_slabs + n
        advance(
            state, rules, slabs.groups, slabs.first[slab], slabs.first[slab + 1], slabs.trailing[slab],
            folds_of(shape, tokens), 1 if shape.output_stationary or shape.input_stationary else tokens,
            activation, weight, fetches,
            tokens * columns * shape.activation_bytes if ends and shape.dram else 0, k == 0, ends,
        )  # fmt: skip
    return state[END], state[BUSY_END], fetched_a, fetched_w


@compiled
def run_masked(alive: Grid, shape: Shape, rules: Ints) -> Totals:
    """One repetition of a product; `alive` in the machine's granules."""
    seen = look(alive, shape)
    if shape.packed:
        slabs = packed_rows(alive, shape, seen)
    elif shape.output_stationary:
        slabs = output_columns(alive, shape, seen)
    elif shape.input_stationary:
        slabs = input_rows(alive, shape, seen)
    else:
        slabs = weight_tiles(alive, shape, rules, seen)
    cycles, busy, fetched_a, fetched_w = drive(shape, slabs, rules)
    bitmap = rules[BITMAP] == 1
    k_slabs, n_slabs = ceil_div(shape.k, shape.k_slab), ceil_div(shape.n, shape.n_slab)
    folds = bits = bit_bytes = 0
    for start in range(0, shape.m, shape.m_slab):
        these = folds_of(shape, min(shape.m_slab, shape.m - start))
        folds += these
        for k in range(k_slabs):
            for n in range(n_slabs):
                bits += slab_bits(shape, k, n) * these
                bit_bytes += ceil_div(slab_bits(shape, k, n) * these, 8)
    every = tiles_of(shape)
    outputs = 0
    for c in range(len(slabs.outputs)):
        outputs += slabs.outputs[c] * min(shape.granule_n, shape.n - c * shape.granule_n)
    about = ceil_div(alive.size, 8) if bitmap else ROW_INDEX_BYTES * slabs.live.sum()
    moving = shape.output_stationary or shape.input_stationary
    tally, weights = slabs.tally, slabs.weights.sum()
    return Totals(
        cycles, busy, tally[PASSES] * folds, (every - tally[PASSES]) * folds, weights, weights * folds,
        tally[READ] * shape.m, tally[LOADED] * folds, tally[STREAMED] * (folds if moving else shape.m),
        tally[SUMS] * shape.m, outputs, slabs.stay_inputs.sum(), about,
        bits if bitmap else 0, bit_bytes if bitmap else 0, fetched_a, fetched_w,
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


def shape_of(view: Survey) -> Shape:
    """The product and the machine in whole numbers."""
    product, array = view.product, view.hardware.array
    return Shape(
        rows=array.rows,
        cols=array.cols,
        m=product.m,
        m_slab=view.m.slab,
        k=product.k,
        k_slab=view.k.slab,
        n=product.n,
        n_slab=view.n.slab,
        granule_k=product.granule[0],
        granule_n=product.granule[1],
        output_stationary=array.dataflow == "output_stationary",
        input_stationary=array.dataflow == "input_stationary",
        packed=product.packed,
        m_outer=view.mapping.order == "m_outer",
        activations_stay=view.activations_stay,
        weights_stay=view.weights_stay,
        exact=array.ragged == "exact",
        load_row=view.load_row,
        stream_row=view.stream_row,
        scan_bits=view.hardware.sparsity.scan_bits,
        activation_bytes=product.activation_bytes,
        weight_bytes=product.weight_bytes,
        bias_bytes=SUM_BYTES if product.bias else 0,
        dram=view.hardware.dram is not None,
    )
