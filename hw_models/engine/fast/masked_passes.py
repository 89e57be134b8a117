"""The passes that a mask leaves on a weight stationary array: equal ones that follow each other in groups, compiled."""

from __future__ import annotations

import numpy as np

from hw_models.engine.fast.compiled import Grid, Ints, Passes, Slabs, compiled
from hw_models.engine.fast.masked_look import ceil_div, window
from hw_models.engine.fast.recurrence import COUNT, DOUBLE, LOAD, SEARCH, SETTLE, STREAM_ROWS
from hw_models.engine.fast.shape import Shape

PASSES, READ, LOADED, STREAMED, SUMS = 0, 1, 2, 3, 4  # of Passes.tally


@compiled
def blank(slabs: Slabs, most_groups: int) -> Passes:
    """No pass yet."""
    count = len(slabs.live)
    return Passes(
        np.zeros((most_groups, 4), np.int64),
        np.zeros(count + 1, np.int64),
        np.zeros(count, np.int64),
        np.zeros(5, np.int64),
        np.zeros(count, np.int64),
        np.zeros(count, np.int64),
    )


@compiled
def push(out: Passes, slab: int, count: int, load: int, rows: int, search: int, hidden: int) -> None:
    """Passes at the end of a slab's; equal to the last ones and found in time, they join its group."""
    at, last = out.first[slab + 1], out.first[slab + 1] - 1
    groups = out.groups
    if at > out.first[slab] and search <= hidden and groups[last, LOAD] == load and groups[last, STREAM_ROWS] == rows:
        groups[last, COUNT] += count
        return
    groups[at, COUNT], groups[at, LOAD], groups[at, STREAM_ROWS], groups[at, SEARCH] = count, load, rows, search
    out.first[slab + 1] += 1


@compiled
def weight_tiles(alive: Grid, shape: Shape, rules: Ints, slabs: Slabs) -> Passes:
    """Tile skip: column by column of tiles, along the reduction in each.

    A search is hidden if it is no longer than what lies between two loads at the least. Where that holds for the
    longest gap a slab can have, and all loads are equal, the slab is one group and only its ends are looked at.
    """
    whole = shape.rows * shape.load_row_cycles
    shortest = shape.m - (ceil_div(shape.m, shape.m_slab) - 1) * shape.m_slab
    between = 0 if rules[DOUBLE] else shortest * shape.stream_row_cycles + rules[SETTLE]
    simple = not (shape.exact and shape.k % shape.rows)
    for slab in range(len(slabs.live)):
        gap = slabs.size[slab] - slabs.live[slab] + 1
        simple = simple and ceil_div(gap, shape.scan_bits) <= whole + between
    out = blank(slabs, len(slabs.live) if simple else max(1, slabs.live.sum()))
    for slab in range(len(slabs.live)):
        out.first[slab + 1] = out.first[slab]
        last = -1
        if simple and slabs.live[slab]:
            start, last = ends(alive, *window(alive, shape, slab))
            search = ceil_div(start + 1, shape.scan_bits)
            push(out, slab, slabs.live[slab], whole, shape.stream_row_cycles, search, 0)
        elif slabs.live[slab]:
            last = tile_by_tile(alive, shape, slab, between, out)
        out.trailing[slab] = ceil_div(slabs.size[slab] - 1 - last, shape.scan_bits)
        out.bits_once[slab] = slabs.size[slab]
    tally_tiles(alive, shape, slabs.live.sum(), out.tally)
    return out


@compiled
def ends(alive: Grid, low: int, high: int, left: int, right: int) -> tuple[int, int]:
    """(first, last) live tile of a slab with any, counted column by column."""
    tall, first, last = high - low, 0, (high - low) * (right - left) - 1
    while not alive[low + first % tall, left + first // tall]:
        first += 1
    while not alive[low + last % tall, left + last // tall]:
        last -= 1
    return first, last


@compiled
def tile_by_tile(alive: Grid, shape: Shape, slab: int, between: int, out: Passes) -> int:
    """Every live tile of a slab with its own search and load; the place of the last."""
    low, high, left, right = window(alive, shape, slab)
    last = -1
    for c in range(left, right):
        for i in range(low, high):
            if alive[i, c]:
                place = (c - left) * (high - low) + i - low
                rows = min(shape.rows, shape.k - i * shape.rows) if shape.exact else shape.rows
                load, search = rows * shape.load_row_cycles, ceil_div(place - last, shape.scan_bits)
                push(out, slab, 1, load, shape.stream_row_cycles, search, load + between)
                last = place
    return last


@compiled
def tally_tiles(alive: Grid, shape: Shape, live: int, tally: Ints) -> None:
    """Full tiles, less what the last row and the last column of tiles lack."""
    low_edge = right_edge = 0
    for c in range(alive.shape[1]):
        low_edge += alive[-1, c]
    for i in range(alive.shape[0]):
        right_edge += alive[i, -1]
    tally[PASSES] = tally[STREAMED] = live
    tally[READ] = live * shape.rows - low_edge * (alive.shape[0] * shape.rows - shape.k)
    tally[LOADED] = tally[READ] if shape.exact else live * shape.rows
    tally[SUMS] = live * shape.cols - right_edge * (alive.shape[1] * shape.cols - shape.n)


@compiled
def packed_rows(alive: Grid, shape: Shape, slabs: Slabs) -> Passes:
    """Row skip: the live rows of a column of tiles move together; nothing is searched."""
    whole = shape.rows * shape.load_row_cycles
    out = blank(slabs, 2 * len(slabs.stay_inputs) * alive.shape[1])
    for slab in range(len(slabs.live)):
        out.first[slab + 1] = out.first[slab]
        low, high, left, right = window(alive, shape, slab)
        for c in range(left, right):
            live = 0
            for i in range(low, high):
                live += alive[i, c]
            full, rest = live // shape.rows, live % shape.rows
            if full:
                push(out, slab, full, whole, shape.stream_row_cycles, 0, 0)
            if rest:
                load = rest * shape.load_row_cycles if shape.exact else whole
                push(out, slab, 1, load, shape.stream_row_cycles, 0, 0)
            passes = full + (rest > 0)
            out.tally[PASSES] += passes
            out.tally[STREAMED] += passes
            out.tally[READ] += live
            out.tally[LOADED] += live if shape.exact else passes * shape.rows
            out.tally[SUMS] += passes * min(shape.cols, shape.n - c * shape.cols)
    return out
