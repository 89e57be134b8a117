"""Masks for shapes without weights: which blocks go is chance, how many is exact."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from codesign.explore.design import PruneChoice
from hw_models import Gemm, Program, TileMask


def with_random_masks(program: Program, prune: PruneChoice, seed: int) -> tuple[Program, int, int]:
    """The program with the share `ratio` of the blocks of every weight matrix dead; weights removed; all weights.

    Blocks are (out, in), so tiles of (k, n) are (cols, rows) of a block. A depth-wise filter (n = 1) is never pruned.
    """
    rows, cols = prune.block_shape()
    if prune.method != "random" and prune.ratio:
        raise ValueError(f"prune: method: {prune.method!r}: shapes have no weights to score; only 'random' can be had")
    generator = np.random.default_rng(seed)
    ops, removed, weights = [], 0, 0
    for op in program.ops:
        if isinstance(op, Gemm) and op.stationary_known:
            weights += op.k * op.n
            if prune.ratio and op.n > 1:
                tiles = _mask(op, (cols, rows), prune.ratio, generator)
                removed += op.k * op.n - tiles.live_elements
                op = replace(op, tiles=tiles)  # noqa: PLW2901
        ops.append(op)
    return replace(program, ops=tuple(ops)), removed, weights


def _mask(op: Gemm, tile: tuple[int, int], ratio: float, generator: np.random.Generator) -> TileMask:
    shape = -(-op.k // tile[0]), -(-op.n // tile[1])
    alive = np.ones(shape[0] * shape[1], dtype=bool)
    alive[generator.permutation(alive.size)[: round(ratio * alive.size)]] = False
    return TileMask(alive.reshape(shape), tile, (op.k, op.n))
