"""The passes that a mask leaves where weights stream: each streams what lives of its granules, compiled."""

from __future__ import annotations

from hw_models.engine.fast.compiled import Grid, Passes, Slabs, compiled
from hw_models.engine.fast.masked_look import ceil_div, window
from hw_models.engine.fast.masked_passes import LOADED, PASSES, READ, STREAMED, SUMS, blank, push
from hw_models.engine.fast.shape import Shape

NEVER = -1  # no search is hidden: every tile is a group of its own, of as many passes as there are folds


@compiled
def output_columns(alive: Grid, shape: Shape, slabs: Slabs) -> Passes:
    """Output stationary: a group for each column of tiles, streaming its live rows of weights."""
    out = blank(slabs, len(slabs.stay_inputs) * alive.shape[1])
    for slab in range(len(slabs.live)):
        out.first[slab + 1] = out.first[slab]
        low, high, left, right = window(alive, shape, slab)
        least, seen = ceil_div(high - low, shape.scan_bits), left - 1
        out.bits_once[slab] = right - left
        for c in range(left, right):
            live = 0
            for i in range(low, high):
                live += alive[i, c]
            if live:
                stream = max(live * shape.stream_row_cycles, least)
                push(out, slab, 1, 0, stream, ceil_div(c - seen, shape.scan_bits), NEVER)
                seen = c
                out.bits_each_fold[slab] += high - low
                out.tally[PASSES] += 1
                out.tally[READ] += live
                out.tally[STREAMED] += live
                out.tally[SUMS] += min(shape.cols, shape.n - c * shape.cols)
        out.trailing[slab] = ceil_div(right - 1 - seen, shape.scan_bits)
    return out


@compiled
def input_rows(alive: Grid, shape: Shape, slabs: Slabs) -> Passes:
    """Input stationary: a group for each tile along the reduction, streaming its live columns of weights."""
    out = blank(slabs, alive.shape[0] * (len(slabs.live) // len(slabs.stay_inputs)))
    for slab in range(len(slabs.live)):
        out.first[slab + 1] = out.first[slab]
        low, high, left, right = window(alive, shape, slab)
        least, seen = ceil_div(right - left, shape.scan_bits), low - 1
        out.bits_once[slab] = high - low
        for i in range(low, high):
            live = 0
            for c in range(left, right):
                live += alive[i, c]
            if live:
                has = min(shape.rows, shape.k - i * shape.rows)
                rows = has if shape.exact else shape.rows
                stream = max(live * shape.stream_row_cycles, least)
                search = ceil_div(i - seen, shape.scan_bits)
                push(out, slab, 1, rows * shape.load_row_cycles, stream, search, NEVER)
                seen = i
                out.bits_each_fold[slab] += right - left
                out.tally[PASSES] += 1
                out.tally[READ] += has
                out.tally[LOADED] += rows
                out.tally[STREAMED] += live
                out.tally[SUMS] += live
        out.trailing[slab] = ceil_div(high - 1 - seen, shape.scan_bits)
    return out
