"""A simulator of systolic arrays with pruned weights: exact to the cycle, and without torch."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hw_models.cost import Area, Cost, Counts, Energy, LayerCost
    from hw_models.hardware import Hardware
    from hw_models.program import Gemm, HostOp, Program, TileMask
    from hw_models.simulation import simulate
    from hw_models.trace import write_trace

_HOMES = {
    "Area": "cost", "Cost": "cost", "Counts": "cost", "Energy": "cost", "LayerCost": "cost",
    "Hardware": "hardware",
    "Gemm": "program", "HostOp": "program", "Program": "program", "TileMask": "program",
    "simulate": "simulation",
    "write_trace": "trace",
}  # fmt: skip

__all__ = [
    "Area",
    "Cost",
    "Counts",
    "Energy",
    "Gemm",
    "Hardware",
    "HostOp",
    "LayerCost",
    "Program",
    "TileMask",
    "simulate",
    "write_trace",
]


def __getattr__(name: str) -> object:
    """Import what is asked for, and nothing else: `import hw_models` costs next to nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'hw_models' has no attribute {name!r}")
    return getattr(import_module(f"hw_models.{_HOMES[name]}"), name)
