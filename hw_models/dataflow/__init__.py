"""The dataflows: which operand stays on the array, and what a dead weight saves on each."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from hw_models.dataflow.base import ROW_INDEX_BYTES, Dataflow, Pass, TileBits, Walk
from hw_models.dataflow.input_stationary import InputStationary
from hw_models.dataflow.output_stationary import OutputStationary
from hw_models.dataflow.weight_stationary import WeightStationary

if TYPE_CHECKING:
    from hw_models.hardware import Hardware

__all__ = [
    "DATAFLOWS",
    "ENTRY_POINTS",
    "ROW_INDEX_BYTES",
    "Dataflow",
    "Pass",
    "TileBits",
    "Walk",
    "dataflow_of",
    "granule",
    "names",
]

DATAFLOWS: dict[str, tuple[Dataflow, str]] = {
    member.name: (member, summary)
    for member, summary in (
        (WeightStationary(), "a tile of weights stays, tokens stream; dead (rows, cols) tiles are skipped"),
        (OutputStationary(), "a tile of sums stays, both operands stream; dead (1, cols) steps are skipped"),
        (InputStationary(), "a tile of activations stays, weights stream; dead (rows, 1) columns are skipped"),
    )
}
"""Those that ship, each with a sentence; the fast engine covers these. Packages add others by entry points."""

ENTRY_POINTS = "hw_models.dataflows"


@cache
def _others() -> dict[str, Dataflow]:
    """From installed packages: an entry point names an instance, or a class without arguments."""
    from importlib.metadata import entry_points

    loaded = [point.load() for point in entry_points(group=ENTRY_POINTS)]
    members = [one() if isinstance(one, type) else one for one in loaded]
    return {member.name: member for member in members}


def names() -> list[str]:
    """Every dataflow there is."""
    return [*DATAFLOWS, *(name for name in _others() if name not in DATAFLOWS)]


def dataflow_of(name: str) -> Dataflow:
    """The member of that name; `ValueError` says which there are."""
    if name in DATAFLOWS:
        return DATAFLOWS[name][0]
    if name not in _others():
        raise ValueError(f"{name!r} is not one of {', '.join(names())}")
    return _others()[name]


def granule(hardware: Hardware) -> tuple[int, int]:
    """(k, n) elements that this machine can skip together; all must be dead in the mask as given."""
    return dataflow_of(hardware.array.dataflow).granule(hardware.array)
