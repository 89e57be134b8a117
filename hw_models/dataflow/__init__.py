"""The dataflows: which operand stays on the array, and what a dead weight saves on each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hw_models.dataflow.base import Dataflow, Pass, Walk
from hw_models.dataflow.input_stationary import InputStationary
from hw_models.dataflow.output_stationary import OutputStationary
from hw_models.dataflow.weight_stationary import WeightStationary

if TYPE_CHECKING:
    from hw_models.hardware import Hardware

__all__ = ["DATAFLOWS", "Dataflow", "Pass", "Walk", "granule"]

DATAFLOWS: dict[str, Dataflow] = {
    member.name: member
    for member in (
        WeightStationary(),  # a tile of weights stays, tokens stream; dead (rows, cols) tiles are skipped
        OutputStationary(),  # a tile of sums stays, both operands stream; dead (1, cols) steps are skipped
        InputStationary(),  # a tile of activations stays, weights stream; dead (rows, 1) columns are skipped
    )
}


def granule(hardware: Hardware) -> tuple[int, int]:
    """(k, n) elements that this machine can skip together; all must be dead in the mask as given."""
    return DATAFLOWS[hardware.array.dataflow].granule(hardware.array)
