"""What a mask leaves of each slab of weights: one look at each granule, compiled."""

from __future__ import annotations

import numpy as np

from hw_models.engine.fast.compiled import Grid, Ints, Slabs, compiled
from hw_models.engine.fast.shape import Shape


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
def window(alive: Grid, shape: Shape, slab: int) -> tuple[int, int, int, int]:
    """(low, high, left, right): the granules of a slab, half-open."""
    tall, wide = ceil_div(shape.k_slab, shape.granule_k), ceil_div(shape.n_slab, shape.granule_n)
    n_slabs = ceil_div(shape.n, shape.n_slab)
    low, left = slab // n_slabs * tall, slab % n_slabs * wide
    return low, min(low + tall, alive.shape[0]), left, min(left + wide, alive.shape[1])


@compiled
def look(alive: Grid, shape: Shape) -> Slabs:
    """Live granules, inputs, weights and outputs of every slab."""
    k_slabs, n_slabs = ceil_div(shape.k, shape.k_slab), ceil_div(shape.n, shape.n_slab)
    slabs = k_slabs * n_slabs
    size, live = np.zeros(slabs, np.int64), np.zeros(slabs, np.int64)
    inputs, weights = np.zeros(slabs, np.int64), np.zeros(slabs, np.int64)
    stay_inputs, outputs = np.zeros(k_slabs, np.int64), np.zeros(alive.shape[1], np.uint8)
    wide, last = ceil_div(shape.n_slab, shape.granule_n), alive.shape[1] - 1
    missing = alive.shape[1] * shape.granule_n - shape.n  # columns that the last granule lacks
    before = np.zeros(alive.shape[1] + 1, np.int64)  # live granules of the row left of each
    for i in range(alive.shape[0]):
        row, rows, so_far = alive[i], min(shape.granule_k, shape.k - i * shape.granule_k), 0
        k = i * shape.granule_k // shape.k_slab
        for c in range(len(row)):
            so_far += row[c]
            before[c + 1] = so_far
        for c in range(len(row)):  # a loop of its own becomes vector instructions
            outputs[c] |= row[c]
        stay_inputs[k] += rows if so_far else 0
        for n in range(n_slabs):
            slab, left, right = k * n_slabs + n, n * wide, min((n + 1) * wide, len(row))
            count = before[right] - before[left]
            size[slab] += right - left
            live[slab] += count
            inputs[slab] += rows if count else 0
            weights[slab] += rows * count * shape.granule_n
        if row[last]:
            weights[k * n_slabs + n_slabs - 1] -= rows * missing
    return Slabs(size, live, inputs, weights, stay_inputs, outputs)
