"""Random masks with an exact number of live tiles, for studies of hardware without weights."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, floor
from typing import TypeGuard

import numpy as np
import numpy.typing as npt

from hw_models.program import Gemm, HostOp, Program, TileMask

MOST_TILES = 1 << 30  # a byte each


def with_density(program: Program, density: float, tile: tuple[int, int], seed: int) -> Program:
    """Every prunable weight matrix with `floor(density x tiles + 1/2)` live tiles, chosen uniformly; masks it had go.

    Prunable is what holds a weight and has more than one output column (one column is a depth-wise filter). The same
    seed gives the same masks. `ValueError` if `density` is not in [0, 1], nothing can be pruned, or there are too many.
    """
    if not 0.0 <= density <= 1.0:
        raise ValueError(f"density: {density} is not from 0 to 1")
    if seed < 0:
        raise ValueError(f"seed: {seed} is negative")
    if not any(prunable(op) for op in program.ops):
        raise ValueError(f"density: {program.name} has no weight matrix to prune")
    tiles = sum(ceil(op.k / tile[0]) * ceil(op.n / tile[1]) for op in program.ops if prunable(op))
    if tiles > MOST_TILES:
        raise ValueError(f"density: {program.name} in {tile[0]}x{tile[1]} has {tiles:,} tiles; {MOST_TILES:,} at most")
    rng = np.random.default_rng(seed)
    return replace(program, ops=tuple(_masked(op, density, tile, rng) if prunable(op) else op for op in program.ops))


def prunable(op: Gemm | HostOp) -> TypeGuard[Gemm]:
    """Whether an operation multiplies by a weight matrix of more than one column."""
    return isinstance(op, Gemm) and op.stationary_known and op.n > 1


def _masked(gemm: Gemm, density: float, tile: tuple[int, int], rng: np.random.Generator) -> Gemm:
    grid = (ceil(gemm.k / tile[0]), ceil(gemm.n / tile[1]))
    alive = exactly(floor(density * grid[0] * grid[1] + 0.5), grid[0] * grid[1], rng)
    return replace(gemm, tiles=TileMask(alive.reshape(grid), tile, (gemm.k, gemm.n)))


def exactly(live: int, tiles: int, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Bool (tiles,) with `live` True, every choice equally likely.

    Each tile lives by a throw of its own first, then as many as are too many (too few), chosen uniformly, change
    sides. Nothing here prefers one tile to another, so of all masks with `live` tiles none is likelier. Two bytes of
    chance a tile: 25 million tiles take a fraction of a second.
    """
    threshold = round(65536 * live / tiles)
    alive = rng.integers(0, 65536, tiles, dtype=np.uint16) < threshold
    surplus = int(np.count_nonzero(alive)) - live
    if surplus:
        sides = np.flatnonzero(alive if surplus > 0 else ~alive)
        alive[rng.choice(sides, abs(surplus), replace=False, shuffle=False)] = surplus < 0
    return alive
