"""What is synthesised: modules of rtl/ with their parameters, named as in the results."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Design:
    """A module and the parameters it is built with."""

    name: str
    top: str
    parameters: dict[str, int] = field(default_factory=dict)
    elements: int = 0
    """Processing elements in it."""


FORMATS: dict[str, dict[str, int]] = {
    "int8": {},
    "hybrid": {"Format": 1, "ActBits": 32},
    "hybrid-l3": {"Format": 1, "ActBits": 32, "Stages": 3},
    "fp32": {"Format": 2, "ActBits": 32, "WeightBits": 32},
}
"""Arithmetic of an element: parameters of rtl/array.sv."""


def _pe(parameters: dict[str, int]) -> dict[str, int]:
    """The same for rtl/pe.sv, which is given the width of a weight as its cell holds it."""
    rest = {name: value for name, value in parameters.items() if name != "WeightBits"}
    cell = {0: 8, 1: 12, 2: 32}[parameters.get("Format", 0)]
    return {**rest, "CellBits": cell}


def designs() -> Iterator[Design]:
    """Elements, arrays and the controllers of an 8x8 machine."""
    for name, parameters in FORMATS.items():
        yield Design(f"pe-{name}", "pe", _pe(parameters), 1)
        yield Design(f"pe-{name}-single", "pe", {**_pe(parameters), "DoubleBuffered": 0}, 1)
    for name in ("int8", "hybrid"):
        for side in (4, 8, 16):
            size = {"Rows": side, "Cols": side}
            yield Design(f"array-{name}-{side}x{side}", "array", {**FORMATS[name], **size}, side * side)
    yield Design("array-fp32-4x4", "array", {**FORMATS["fp32"], "Rows": 4, "Cols": 4}, 16)
    yield Design("pe-int8-output-stationary", "pe", {"OutputStationary": 1}, 1)
    for scan in (1, 8, 64):
        yield Design(f"tile_gate-scan{scan}", "tile_gate", {"ScanBits": scan, "TileBits": 8, "PosBits": 16})
    yield Design(
        "sequencer-8x8", "sequencer", {"Rows": 8, "Drain": 14, "TileBits": 8, "ActAddrBits": 14, "SumAddrBits": 14}
    )
