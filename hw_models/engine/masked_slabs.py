"""What a mask leaves of each slab, for every dataflow: one look at each granule, compiled."""

from __future__ import annotations

import numpy as np

from hw_models.engine.compiled import Grid, Ints, Slabs, compiled
from hw_models.engine.recurrence import COUNT, DOUBLE, LOAD, SEARCH, SETTLE, STREAM_ROWS
from hw_models.engine.shape import Shape

PASSES, READ, LOADED, STREAMED, SUMS = 0, 1, 2, 3, 4  # of Slabs.tally


@compiled
def retile(old: Grid, k_low: Ints, k_high: Ints, n_low: Ints, n_high: Ints) -> Grid:
    """A granule lives if any old tile under it does; half-open ranges of old tiles for each new row and column."""
    new = np.zeros((len(k_low), len(n_low)), np.uint8)
    for i in range(len(k_low)):
        for r in range(k_low[i], k_high[i]):
            for j in range(len(n_low)):
                for c in range(n_low[j], n_high[j]):
                    new[i, j] |= old[r, c]
    return new


@compiled
def ceil_div(a: int, b: int) -> int:
    """Rounded up."""
    return -(-a // b)


@compiled
def look(alive: Grid, shape: Shape) -> Slabs:
    """Live granules, inputs, weights and outputs of every slab; its passes are still to be found."""
    k_slabs, n_slabs = ceil_div(shape.k, shape.k_slab), ceil_div(shape.n, shape.n_slab)
    slabs = k_slabs * n_slabs
    live, inputs, weights = np.zeros(slabs, np.int64), np.zeros(slabs, np.int64), np.zeros(slabs, np.int64)
    stay_inputs, outputs = np.zeros(k_slabs, np.int64), np.zeros(alive.shape[1], np.uint8)
    wide, last = ceil_div(shape.n_slab, shape.granule_n), alive.shape[1] - 1
    before = np.zeros(alive.shape[1] + 1, np.int64)  # live granules of the row left of each
    missing = alive.shape[1] * shape.granule_n - shape.n  # columns that the last granule lacks
    for i in range(alive.shape[0]):
        rows = min(shape.granule_k, shape.k - i * shape.granule_k)
        k = i * shape.granule_k // shape.k_slab
        for c in range(alive.shape[1]):
            outputs[c] |= alive[i, c]
            before[c + 1] = before[c] + alive[i, c]
        if before[-1]:
            stay_inputs[k] += rows
        for j in range(n_slabs):
            count = before[min((j + 1) * wide, alive.shape[1])] - before[j * wide]
            if count:
                slab = k * n_slabs + j
                live[slab] += count
                inputs[slab] += rows
                short = missing if j == n_slabs - 1 and alive[i, last] else 0
                weights[slab] += rows * (count * shape.granule_n - short)
    return Slabs(
        np.zeros((0, 4), np.int64), np.zeros(slabs + 1, np.int64), np.zeros(slabs, np.int64),
        live, inputs, weights, stay_inputs, outputs, np.zeros(5, np.int64),
    )  # fmt: skip


@compiled
def push(groups: Ints, first: int, at: int, count: int, load: int, rows: int, search: int, hidden: int) -> int:
    """Passes behind groups [first, at); equal ones whose search is hidden join the last. The new end."""
    if at > first and search <= hidden and groups[at - 1, LOAD] == load and groups[at - 1, STREAM_ROWS] == rows:
        groups[at - 1, COUNT] += count
        return at
    groups[at, COUNT], groups[at, LOAD], groups[at, STREAM_ROWS], groups[at, SEARCH] = count, load, rows, search
    return at + 1


@compiled
def weight_tiles(alive: Grid, shape: Shape, rules: Ints, seen: Slabs) -> Slabs:
    """Weight stationary, tile skip: column by column of tiles, along the reduction in each.

    A search is hidden if it is no longer than what lies between two loads at the least. Where that holds for the
    longest gap a slab can have, and all loads are equal, the slab is one group and only its ends are looked at.
    """
    k_slabs, n_slabs = len(seen.stay_inputs), len(seen.live) // len(seen.stay_inputs)
    whole = shape.rows * shape.load_row_cycles
    ragged = shape.exact and shape.k % shape.rows != 0
    shortest = shape.m - (ceil_div(shape.m, shape.m_slab) - 1) * shape.m_slab
    between = 0 if rules[DOUBLE] else shortest * shape.stream_row_cycles + rules[SETTLE]
    tall, wide = ceil_div(shape.k_slab, shape.rows), ceil_div(shape.n_slab, shape.cols)
    simple = not ragged
    for slab in range(len(seen.live)):
        gap = min(tall * wide, alive.size) - seen.live[slab] + 1
        simple = simple and ceil_div(gap, shape.scan_bits) <= whole + between
    groups = np.zeros((len(seen.live) if simple else max(1, seen.live.sum()), 4), np.int64)
    at = 0
    for k in range(k_slabs):
        low, high = k * tall, min((k + 1) * tall, alive.shape[0])
        for j in range(n_slabs):
            slab = k * n_slabs + j
            left, right = j * wide, min((j + 1) * wide, alive.shape[1])
            bits = (high - low) * (right - left)
            first, last = at, -1
            if simple and seen.live[slab]:
                last = bits - 1
                while not alive[low + last % (high - low), left + last // (high - low)]:
                    last -= 1
                start = 0
                while not alive[low + start % (high - low), left + start // (high - low)]:
                    start += 1
                search = ceil_div(start + 1, shape.scan_bits)
                at = push(groups, first, at, seen.live[slab], whole, shape.stream_row_cycles, search, 0)
            elif seen.live[slab]:
                for c in range(left, right):
                    for i in range(low, high):
                        if alive[i, c]:
                            place = (c - left) * (high - low) + i - low
                            rows = min(shape.rows, shape.k - i * shape.rows) if shape.exact else shape.rows
                            load = rows * shape.load_row_cycles
                            search = ceil_div(place - last, shape.scan_bits)
                            at = push(groups, first, at, 1, load, shape.stream_row_cycles, search, load + between)
                            last = place
            seen.first[slab + 1] = at
            seen.trailing[slab] = ceil_div(bits - 1 - last, shape.scan_bits)
    tiles, low_edge, right_edge = seen.live.sum(), 0, 0
    for c in range(alive.shape[1]):
        low_edge += alive[-1, c]
    for i in range(alive.shape[0]):
        right_edge += alive[i, -1]
    seen.tally[PASSES] = seen.tally[STREAMED] = tiles
    seen.tally[READ] = tiles * shape.rows - low_edge * (alive.shape[0] * shape.rows - shape.k)
    seen.tally[LOADED] = seen.tally[READ] if shape.exact else tiles * shape.rows
    seen.tally[SUMS] = tiles * shape.cols - right_edge * (alive.shape[1] * shape.cols - shape.n)
    return Slabs(groups, seen.first, seen.trailing, seen.live, seen.inputs, seen.weights, seen.stay_inputs, seen.outputs, seen.tally)


@compiled
def packed_rows(alive: Grid, shape: Shape, seen: Slabs) -> Slabs:
    """Weight stationary, row skip: the live rows of a column of tiles move together; nothing is searched."""
    k_slabs, n_slabs = len(seen.stay_inputs), len(seen.live) // len(seen.stay_inputs)
    wide, whole = ceil_div(shape.n_slab, shape.cols), shape.rows * shape.load_row_cycles
    groups = np.zeros((2 * k_slabs * alive.shape[1], 4), np.int64)
    at = 0
    for k in range(k_slabs):
        low, high = k * shape.k_slab, min((k + 1) * shape.k_slab, shape.k)
        for j in range(n_slabs):
            slab, first = k * n_slabs + j, at
            for c in range(j * wide, min((j + 1) * wide, alive.shape[1])):
                live = 0
                for i in range(low, high):
                    live += alive[i, c]
                full, rest = live // shape.rows, live % shape.rows
                passes = full + (rest > 0)
                seen.tally[PASSES] += passes
                seen.tally[STREAMED] += passes
                seen.tally[READ] += live
                seen.tally[LOADED] += live if shape.exact else passes * shape.rows
                seen.tally[SUMS] += passes * min(shape.cols, shape.n - c * shape.cols)
                if full:
                    at = push(groups, first, at, full, whole, shape.stream_row_cycles, 0, 0)
                if rest:
                    load = rest * shape.load_row_cycles if shape.exact else whole
                    at = push(groups, first, at, 1, load, shape.stream_row_cycles, 0, 0)
            seen.first[slab + 1] = at
    return Slabs(groups, seen.first, seen.trailing, seen.live, seen.inputs, seen.weights, seen.stay_inputs, seen.outputs, seen.tally)


@compiled
def output_columns(alive: Grid, shape: Shape, seen: Slabs) -> Slabs:
    """Output stationary: a group for each column of tiles, streaming its live rows of weights."""
    k_slabs, n_slabs = len(seen.stay_inputs), len(seen.live) // len(seen.stay_inputs)
    wide = ceil_div(shape.n_slab, shape.cols)
    groups = np.zeros((k_slabs * alive.shape[1], 4), np.int64)
    at = 0
    for k in range(k_slabs):
        low, high = k * shape.k_slab, min((k + 1) * shape.k_slab, shape.k)
        bits_cycles = ceil_div(high - low, shape.scan_bits)
        for j in range(n_slabs):
            slab, first, search = k * n_slabs + j, at, 0
            for c in range(j * wide, min((j + 1) * wide, alive.shape[1])):
                live = 0
                for i in range(low, high):
                    live += alive[i, c]
                if live:
                    at = push(groups, first, at, 1, 0, max(live * shape.stream_row_cycles, bits_cycles), search, 0)
                    search = 0
                    seen.tally[PASSES] += 1
                    seen.tally[READ] += live
                    seen.tally[STREAMED] += live
                    seen.tally[SUMS] += min(shape.cols, shape.n - c * shape.cols)
                else:
                    search += bits_cycles
            seen.first[slab + 1] = at
            seen.trailing[slab] = search
    return Slabs(groups, seen.first, seen.trailing, seen.live, seen.inputs, seen.weights, seen.stay_inputs, seen.outputs, seen.tally)


@compiled
def input_rows(alive: Grid, shape: Shape, seen: Slabs) -> Slabs:
    """Input stationary: a group for each tile along the reduction, streaming its live columns of weights."""
    k_slabs, n_slabs = len(seen.stay_inputs), len(seen.live) // len(seen.stay_inputs)
    tall = ceil_div(shape.k_slab, shape.rows)
    groups = np.zeros((alive.shape[0] * n_slabs, 4), np.int64)
    at = 0
    for k in range(k_slabs):
        for j in range(n_slabs):
            slab, first, search = k * n_slabs + j, at, 0
            left, right = j * shape.n_slab, min((j + 1) * shape.n_slab, shape.n)
            bits_cycles = ceil_div(right - left, shape.scan_bits)
            for i in range(k * tall, min((k + 1) * tall, alive.shape[0])):
                live = 0
                for c in range(left, right):
                    live += alive[i, c]
                if live:
                    rows = min(shape.rows, shape.k - i * shape.rows) if shape.exact else shape.rows
                    stream = max(live * shape.stream_row_cycles, bits_cycles)
                    at = push(groups, first, at, 1, rows * shape.load_row_cycles, stream, search, 0)
                    search = 0
                    seen.tally[PASSES] += 1
                    seen.tally[READ] += min(shape.rows, shape.k - i * shape.rows)
                    seen.tally[LOADED] += rows
                    seen.tally[STREAMED] += live
                    seen.tally[SUMS] += live
                else:
                    search += bits_cycles
            seen.first[slab + 1] = at
            seen.trailing[slab] = search
    return Slabs(groups, seen.first, seen.trailing, seen.live, seen.inputs, seen.weights, seen.stay_inputs, seen.outputs, seen.tally)
