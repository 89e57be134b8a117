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
    grids = [(ceil(op.k / tile[0]), ceil(op.n / tile[1])) for op in program.ops if prunable(op)]
    if not grids:
        raise ValueError(f"density: {program.name} has no weight matrix to prune")
    tiles = [rows * cols for rows, cols in grids]
    if sum(tiles) > MOST_TILES:
        raise ValueError(
            f"density: {program.name} in {tile[0]}x{tile[1]} has {sum(tiles):,} tiles; {MOST_TILES:,} at most"
        )
    drawn = exactly([floor(density * count + 0.5) for count in tiles], tiles, np.random.default_rng(seed))
    masks = (alive.reshape(grid) for alive, grid in zip(drawn, grids, strict=True))
    return replace(program, ops=tuple(_masked(op, next(masks), tile) if prunable(op) else op for op in program.ops))


def prunable(op: Gemm | HostOp) -> TypeGuard[Gemm]:
    """Whether an operation multiplies by a weight matrix of more than one column."""
    return isinstance(op, Gemm) and op.stationary_known and op.n > 1


def _masked(gemm: Gemm, alive: npt.NDArray[np.bool_], tile: tuple[int, int]) -> Gemm:
    tiles = TileMask(alive, tile, (gemm.k, gemm.n))
    return Gemm(
        gemm.name, gemm.m, gemm.k, gemm.n, tiles, gemm.repeat, gemm.stationary_known, gemm.bias,
        gemm.activation_format, gemm.weight_format,
    )  # fmt: skip


def exactly(live: list[int], tiles: list[int], rng: np.random.Generator) -> list[npt.NDArray[np.bool_]]:
    """For each matrix bool (tiles,) with `live` True, every choice equally likely.

    Each tile lives by a throw of its own first, then as many as are too many (too few), chosen uniformly, change
    sides. Nothing here prefers one tile to another, so of all masks with `live` tiles none is likelier. A byte of
    chance a tile: 25 million tiles take a fraction of a second.
    """
    from hw_models.drawing import settle, throw

    ends, wanted = np.cumsum(tiles), np.array(live)
    alive = np.empty(ends[-1], np.uint8)
    chance = rng.integers(0, 1 << 64, ends[-1] // 8 + 1, dtype=np.uint64).view(np.uint8)
    surplus = throw(chance, np.rint(256 * wanted / tiles).astype(np.int64), ends, alive) - wanted
    while surplus.any():
        settle(surplus, rng.integers(0, MOST_TILES, 64 + 8 * np.abs(surplus).sum()), ends, alive)
    drawn = alive.view(np.bool_)
    return [drawn[end - count : end] for end, count in zip(ends.tolist(), tiles, strict=True)]
