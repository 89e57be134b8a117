"""Blocks of a weight matrix: the unit that a block method removes, and the mask of those that live."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt

from codesign.pruning.arrays import Array, like


@dataclass(frozen=True)
class Block:
    """A rectangle of weights, (rows, cols) of an (out, in) matrix. Nothing here knows an array."""

    rows: int
    cols: int

    def __post_init__(self) -> None:
        if self.rows < 1 or self.cols < 1:
            raise ValueError(f"block: {self.rows}x{self.cols}: rows and cols must each be at least 1")

    def grid(self, shape: tuple[int, int]) -> tuple[int, int]:
        """(block_rows, block_cols) of a matrix of that shape, ragged edges included."""
        return ceil(shape[0] / self.rows), ceil(shape[1] / self.cols)

    def sizes(self, shape: tuple[int, int]) -> npt.NDArray[np.int64]:
        """(block_rows, block_cols) weights in each block of a matrix of that shape."""
        return np.outer(_extents(shape[0], self.rows), _extents(shape[1], self.cols))

    def sum(self, values: Array) -> Array:
        """(block_rows, block_cols) sums of an (out, in) matrix over each block; reads the matrix once."""
        return _sum_columns(_sum_rows(values, self.rows), self.cols)

    def mean(self, values: Array) -> Array:
        """(block_rows, block_cols) means of an (out, in) matrix over each block, a ragged one over what it has."""
        sums, (rows, cols) = self.sum(values), values.shape
        if rows % self.rows == 0 == cols % self.cols:
            return sums / (self.rows * self.cols)
        mean: Array = sums / like(self.sizes((rows, cols)), sums)
        return mean


def _extents(size: int, step: int) -> npt.NDArray[np.int64]:
    """Elements in each run of `step` along one side; the last may be ragged."""
    return np.minimum(size - np.arange(0, size, step), step)


def _sum_rows(values: Array, step: int) -> Array:
    """(ceil(n / step), m): each `step` neighbouring rows of (n, m) added up."""
    whole = values.shape[0] // step * step
    sums: Array = values[:whole].reshape(-1, step, values.shape[1]).sum(1)
    return sums if whole == values.shape[0] else _joined(sums, values[whole:].sum(0)[None], 0)


def _sum_columns(values: Array, step: int) -> Array:
    """(n, ceil(m / step)): each `step` neighbouring columns added up; a product with ones is what adds few fastest."""
    whole = values.shape[1] // step * step
    sums: Array = values[:, :whole].reshape(values.shape[0], -1, step) @ _ones(step, values)
    return sums if whole == values.shape[1] else _joined(sums, values[:, whole:].sum(1)[:, None], 1)


def _ones(count: int, kind: Array) -> Array:
    if isinstance(kind, np.ndarray):
        return np.ones(count, kind.dtype)
    return kind.new_ones(count)


def _joined(one: Array, two: Array, axis: int) -> Array:
    if isinstance(one, np.ndarray):
        return np.concatenate((one, two), axis)
    import torch

    return torch.cat((one, two), axis)


@dataclass(frozen=True, eq=False)
class BlockMask:
    """Which blocks of an (out, in) weight matrix live. A dead block holds zeros only."""

    alive: npt.NDArray[np.bool_]  # (block_rows, block_cols)
    block: Block
    shape: tuple[int, int]  # (out, in)

    def __post_init__(self) -> None:
        want = self.block.grid(self.shape)
        if self.alive.dtype != np.bool_ or self.alive.shape != want:
            raise ValueError(
                f"mask: alive is {self.alive.dtype} {self.alive.shape}, but {self.shape} in "
                f"{self.block.rows}x{self.block.cols} blocks needs bool {want}"
            )
        frozen = np.ascontiguousarray(self.alive).copy()
        frozen.setflags(write=False)
        object.__setattr__(self, "alive", frozen)

    def expand(self) -> npt.NDArray[np.bool_]:
        """(out, in), True where a weight lives."""
        full = np.repeat(np.repeat(self.alive, self.block.rows, 0), self.block.cols, 1)
        return full[: self.shape[0], : self.shape[1]]

    @property
    def live_weights(self) -> int:
        """Weights in live blocks, ragged edges counted as they are."""
        return int(self.block.sizes(self.shape)[self.alive].sum())

    @property
    def density(self) -> float:
        """Share of the matrix's weights that stand in live blocks, in [0, 1]."""
        return self.live_weights / (self.shape[0] * self.shape[1])
