"""The steps of a masked product, one after the other: what each fetches, works and writes, compiled."""

from __future__ import annotations

import numpy as np

from hw_models.dataflow import ROW_INDEX_BYTES
from hw_models.engine.fast import recurrence
from hw_models.engine.fast.compiled import Ints, Passes, Slabs, compiled
from hw_models.engine.fast.masked_look import ceil_div
from hw_models.engine.fast.recurrence import (
    BANKS,
    BUSY_END,
    DMA,
    END,
    READ_BYTES,
    READY,
    READY_NEXT,
    STATE,
    WRITTEN_BYTES,
)  # fmt: skip
from hw_models.engine.fast.shape import Shape

work = compiled(recurrence.work)
flat_request, banked_request = compiled(recurrence.flat_request), compiled(recurrence.banked_request)
may_fetch, fetched = compiled(recurrence.may_fetch), compiled(recurrence.fetched)
may_write, written = compiled(recurrence.may_write), compiled(recurrence.written)

A_ADDRESS, A_SIZE, W_ADDRESS, W_SIZE = 0, 1, 2, 3  # of what a step fetches


@compiled
def folds_of(shape: Shape, tokens: int) -> int:
    """Passes over the same weights for so many tokens."""
    if shape.output_stationary:
        return ceil_div(tokens, shape.rows)
    return ceil_div(tokens, shape.cols) if shape.input_stationary else 1


@compiled
def weight_slab_bytes(shape: Shape, slabs: Slabs, passes: Passes) -> Ints:
    """(slabs,) live weights, what is stored about the mask, and the bias."""
    n_slabs = len(slabs.live) // len(slabs.stay_inputs)
    sizes = np.zeros(len(slabs.live), np.int64)
    for slab in range(len(sizes)):
        bits = passes.bits_once[slab] + passes.bits_each_fold[slab]
        about = ceil_div(bits, 8) if shape.bitmap else ROW_INDEX_BYTES * slabs.live[slab]
        sizes[slab] = slabs.weights[slab] * shape.weight_bytes + about
        if slab < n_slabs:
            sizes[slab] += min(shape.n_slab, shape.n - slab * shape.n_slab) * shape.bias_bytes
    return sizes


@compiled
def fetches(shape: Shape, slabs: Slabs, passes: Passes, outer: int, inner: int) -> tuple[Ints, int]:
    """(steps, 4) addresses and sizes of what each step brings in, and where the outputs begin."""
    k_slabs, n_slabs = len(slabs.stay_inputs), len(slabs.live) // len(slabs.stay_inputs)
    sizes = weight_slab_bytes(shape, slabs, passes)
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
def fetch_flat(rules: Ints, now: int, spans: Ints, step: int) -> int:
    """End of a step's requests, activations before weights."""
    return flat_request(rules, flat_request(rules, now, spans[step, A_SIZE]), spans[step, W_SIZE])


@compiled
def fetch_banked(memory: Ints, rules: Ints, now: int, spans: Ints, step: int) -> int:
    """The same at a memory with banks."""
    now = banked_request(memory, rules, now, spans[step, A_ADDRESS], spans[step, A_SIZE], READ_BYTES)
    return banked_request(memory, rules, now, spans[step, W_ADDRESS], spans[step, W_SIZE], READ_BYTES)


@compiled
def drive(shape: Shape, slabs: Slabs, passes: Passes, rules: Ints, memory: Ints) -> tuple[int, int]:
    """(cycles, busy cycles): all steps in order."""
    k_slabs, n_slabs = len(slabs.stay_inputs), len(slabs.live) // len(slabs.stay_inputs)
    m_slabs = ceil_div(shape.m, shape.m_slab)
    outer, inner = (m_slabs, n_slabs) if shape.m_outer else (n_slabs, m_slabs)
    spans, outputs = fetches(shape, slabs, passes, outer, inner)
    groups, first, trailing, banked = passes.groups, passes.first, passes.trailing, rules[BANKS] > 0
    state = np.zeros(STATE, np.int64)
    for ahead in range(min(2, len(spans))):
        now = state[DMA]
        now = fetch_banked(memory, rules, now, spans, ahead) if banked else fetch_flat(rules, now, spans, ahead)
        fetched(state, now)
        if ahead == 0:
            state[READY] = now
    ahead = 2
    for y in range(outer):
        for x in range(inner):
            m, n = (y, x) if shape.m_outer else (x, y)
            tokens = min(shape.m_slab, shape.m - m * shape.m_slab)
            size = tokens * min(shape.n_slab, shape.n - n * shape.n_slab) * shape.activation_bytes
            folds = folds_of(shape, tokens)
            rows = 1 if shape.output_stationary or shape.input_stationary else tokens
            for k in range(k_slabs):
                slab = k * n_slabs + n
                work(state, rules, groups, first[slab], first[slab + 1], trailing[slab], folds, rows, k == 0)
                state[READY] = state[READY_NEXT]
                if ahead < len(spans):
                    now = may_fetch(state)
                    if banked:
                        fetched(state, fetch_banked(memory, rules, now, spans, ahead))
                    else:
                        fetched(state, fetch_flat(rules, now, spans, ahead))
                ahead += 1
            if banked:
                before = m * shape.m_slab * shape.n + tokens * n * shape.n_slab
                address = outputs + before * shape.activation_bytes
                written(state, banked_request(memory, rules, may_write(state), address, size, WRITTEN_BYTES))
            elif shape.dram:
                written(state, flat_request(rules, may_write(state), size))
    return state[END], state[BUSY_END]
