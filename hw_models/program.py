"""What the hardware executes: matrix products with the tiles that still live, and the host's work between them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

Format = Literal["int8", "fp16", "bf16", "fp32"]
"""How a number is stored. `None` in a `Gemm` means: as the machine computes."""

HostKind = Literal[
    "softmax", "layer_norm", "rms_norm", "batch_norm", "gelu", "silu", "relu", "elementwise", "residual",
    "rotary", "im2col", "pool", "quantise", "dequantise", "embedding", "copy",
]  # fmt: skip
"""The work outside the array; what each costs stands in the machine's host model."""


@dataclass(frozen=True, eq=False)
class TileMask:
    """Which tiles of a weight matrix still hold a weight."""

    alive: npt.NDArray[np.bool_]  # (k_tiles, n_tiles)
    tile: tuple[int, int]  # (k, n) elements in a tile
    shape: tuple[int, int]  # (k, n) elements in the matrix

    def __post_init__(self) -> None:
        if min(self.tile) < 1 or min(self.shape) < 1:
            raise ValueError(f"mask: a {self.shape} matrix in {self.tile} tiles: every size must be at least 1")
        (k, n), (tall, wide) = self.shape, self.tile
        want = (-(-k // tall), -(-n // wide))
        if self.alive.dtype != np.bool_:
            raise ValueError(f"mask: alive holds {self.alive.dtype}, but only bool says which tiles live")
        if self.alive.shape != want:
            raise ValueError(
                f"mask: alive has shape {self.alive.shape}, but a {self.shape} matrix in {self.tile} tiles needs {want}"
            )
        frozen = np.array(self.alive, order="C")
        frozen.setflags(write=False)
        object.__setattr__(self, "alive", frozen)

    @property
    def live_elements(self) -> int:
        """Weights in live tiles, ragged edges counted as they are."""
        rows, cols = (_extents(s, t) for s, t in zip(self.shape, self.tile, strict=True))
        return int(rows @ (self.alive @ cols))

    @property
    def density(self) -> float:
        """Share of the matrix's weights that stand in live tiles, in [0, 1]."""
        return self.live_elements / (self.shape[0] * self.shape[1])

    def retile(self, tile: tuple[int, int]) -> TileMask:
        """The same weights seen in tiles of another size: a new tile lives if any weight under it may live.

        Information is lost on the way (a live tile is live throughout), so always start from the mask as pruned.
        Costs O(tiles), by a two-dimensional prefix sum over the old tiles.
        """
        if tile == self.tile:
            return self
        corner = np.zeros((self.alive.shape[0] + 1, self.alive.shape[1] + 1), np.int64)
        corner[1:, 1:] = self.alive.cumsum(0, dtype=np.int64).cumsum(1)
        (k_low, k_high), (n_low, n_high) = (
            _covered(size, old, new) for size, old, new in zip(self.shape, self.tile, tile, strict=True)
        )
        live = (
            corner[np.ix_(k_high, n_high)] - corner[np.ix_(k_low, n_high)]
            - corner[np.ix_(k_high, n_low)] + corner[np.ix_(k_low, n_low)]
        )  # fmt: skip
        return TileMask(live > 0, tile, self.shape)


def _extents(size: int, tile: int) -> npt.NDArray[np.int64]:
    """Elements in each tile along one side; the last may be ragged."""
    starts = np.arange(0, size, tile)
    return np.minimum(size - starts, tile)


def _covered(size: int, old: int, new: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """For each new tile along one side, the half-open range of old tiles that it touches."""
    starts = np.arange(0, size, new)
    return starts // old, (np.minimum(starts + new, size) - 1) // old + 1


@dataclass(frozen=True, eq=False)
class Gemm:
    """C[m, n] = A[m, k] @ B[k, n], `repeat` times over: m rows streamed (tokens), k reduced, n output features."""

    name: str
    m: int
    k: int
    n: int
    tiles: TileMask | None = None  # None: dense, no bitmap is stored or read
    repeat: int = 1
    stationary_known: bool = True  # B is a weight; False where B is computed at run time (scores, context)
    bias: bool = False
    activation_format: Format | None = None
    weight_format: Format | None = None

    def __post_init__(self) -> None:
        for side in ("m", "k", "n", "repeat"):
            if getattr(self, side) < 1:
                raise ValueError(f"gemm {self.name}: {side} is {getattr(self, side)}, but it must be at least 1")
        if self.tiles is not None and self.tiles.shape != (self.k, self.n):
            raise ValueError(f"gemm {self.name}: a mask for {self.tiles.shape}, weights of ({self.k}, {self.n})")

    @property
    def macs(self) -> int:
        """Dense multiply-accumulates, all repeats together."""
        return self.m * self.k * self.n * self.repeat


@dataclass(frozen=True)
class HostOp:
    """Work that the array cannot do: `elements` numbers, in `rows` independent rows (softmax, norms)."""

    name: str
    kind: HostKind
    elements: int
    rows: int = 1
    repeat: int = 1

    def __post_init__(self) -> None:
        if self.kind not in get_args(HostKind):
            raise ValueError(f"host op {self.name}: kind: {self.kind!r} is not one of {', '.join(get_args(HostKind))}")
        if min(self.elements, self.rows, self.repeat) < 1:
            raise ValueError(f"host op {self.name}: elements, rows and repeat must each be at least 1")


@dataclass(frozen=True, eq=False)
class Program:
    """An ordered list of operations; each starts when the one before has ended."""

    ops: tuple[Gemm | HostOp, ...]
    name: str = "program"
    request: dict[str, int | float | str] = field(default_factory=dict)  # what was asked: window, tokens, batch

    def __post_init__(self) -> None:
        if not self.ops:
            raise ValueError(f"program {self.name}: no operation in it")

    @classmethod
    def of_gemm(
        cls,
        m: int,
        k: int,
        n: int,
        mask: npt.NDArray[np.bool_] | None = None,
        tile: tuple[int, int] | None = None,
    ) -> Program:
        """One product; `mask` (k_tiles, n_tiles) is True where a tile of (k, n) elements lives."""
        if (mask is None) != (tile is None):
            raise ValueError("program: mask and tile come together: a mask says nothing without its tile size")
        tiles = None if mask is None or tile is None else TileMask(np.asarray(mask), tile, (k, n))
        return cls((Gemm(f"{m}x{k}x{n}", m, k, n, tiles),))

    @property
    def macs(self) -> int:
        """Dense multiply-accumulates of all products."""
        return sum(op.macs for op in self.ops if isinstance(op, Gemm))

    def dense(self) -> Program:
        """The same program with every mask taken off."""
        return replace(self, ops=tuple(replace(op, tiles=None) if isinstance(op, Gemm) else op for op in self.ops))
