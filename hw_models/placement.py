"""Where the operands of a tightly coupled array stand: the mapper's counterpart for a core with caches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hw_models.hardware import SUM_BYTES, CpuInstruction, Hardware
from hw_models.sparsity import Product

Level = Literal["l1", "l2", "dram"]


@dataclass(frozen=True, slots=True)
class Placement:
    """From which level each access is served, all of a product's alike."""

    weights: Level
    """Stored weights pass through once, from DRAM; an operand computed at run time may still be in the second level."""
    tokens: Level
    """Read once for every column of tiles; the operation before left them where they fit."""
    sums: Level
    """A column of sums and the tokens beside it, between two tiles."""
    outputs: Level
    """All outputs, for the operation behind."""


def place(product: Product, hardware: Hardware) -> Placement:
    """By size alone: what fits a level is in it."""
    coupling = hardware.coupling
    assert isinstance(coupling, CpuInstruction), "only a tightly coupled array works out of caches"
    tokens = product.m * product.k * product.activation_bytes
    outputs = product.m * product.n * SUM_BYTES
    column = product.m * (hardware.array.cols * SUM_BYTES + hardware.array.rows * product.activation_bytes)

    def level(size_bytes: int) -> Level:
        if size_bytes <= coupling.l1_kib * 1024:
            return "l1"
        return "l2" if size_bytes <= coupling.l2_kib * 1024 else "dram"

    weights = level(product.k * product.n * product.weight_bytes) if product.computed else "dram"
    return Placement(
        weights="dram" if weights == "dram" else "l2",
        tokens=level(tokens),
        sums="l1" if level(column) == "l1" else level(max(outputs, int(coupling.l1_kib * 1024) + 1)),
        outputs=level(outputs),
    )
