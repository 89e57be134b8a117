"""What a dataflow is: how a slab of a product becomes passes over the array."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from hw_models.hardware import Array, Hardware
    from hw_models.mapper import Step
    from hw_models.sparsity import Product


ROW_INDEX_BYTES = 2  # of a live row in a column of tiles, under row skip: 65,536 rows are told apart

TileBits = Literal["none", "column", "row"]
"""What a tile is in a slab of granules: a granule itself, a column of them, or a row."""


class Pass(NamedTuple):
    """One stay of a tile on the array."""

    search_cycles: int
    """For the tile gate to find it, from the begin of the load before."""
    load_cycles: int
    """For the operand that stays to enter; 0 where none does."""
    stream_cycles: int
    """For the operands that move to enter."""
    spacing_cycles: int
    """From its stream's begin, before another stream may begin; at least `stream_cycles`."""
    macs: int
    activation_sram_read_bytes: int
    """From SRAM."""
    weight_sram_read_bytes: int
    sums: int
    """Partial sums that leave the array."""
    fresh_sums: int
    """Those of them that are the first of their output and read no older one."""
    activation_register_writes: int
    weight_register_writes: int
    sum_register_writes: int


@dataclass(frozen=True, slots=True)
class Walk:
    """The passes of one step, in order, and what the gate still looks at behind the last."""

    passes: Iterator[Pass]
    """Made as they are asked for."""
    count: int
    """How many there are."""
    skipped: int
    """Passes that dead granules save."""
    trailing_cycles: int
    """Search behind the last live pass; with no pass at all, the whole search."""
    mask_bits: int
    """That the gate looks at."""
    about_bytes: int
    """Read from the weight buffer beside the weights: bitmap, indices or selectors."""


class Dataflow(Protocol):
    """Members are stateless; each is one line of the table in `hw_models/dataflow/__init__.py`.

    * Every live granule of a step is used in exactly one pass for each fold over M, and no dead one is.
    * Serial passes of a dense product take the closed form of the class docstring.
    * Cycles come from the array's description alone; waiting for memory is the engine's business.
    """

    name: ClassVar[str]
    tile_bits: ClassVar[TileBits]
    """What has a bit in the bitmap before its granules; the granules of a dead tile have none."""

    def granule(self, array: Array) -> tuple[int, int]:
        """(k, n) elements that can be skipped together."""

    def quanta(self, array: Array) -> tuple[int, int, int]:
        """(m, k, n) elements that slabs are cut at, so that no tile is cut."""

    def walk(self, product: Product, step: Step, hardware: Hardware, touched: npt.NDArray[np.bool_]) -> Walk:
        """The passes of a step.

        `touched` (n of the step,): outputs that already hold a sum; the passes mark those they add.
        """
