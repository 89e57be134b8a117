"""From a model and its inputs to the program a machine executes. Importing this does not import torch."""

from typing import TYPE_CHECKING

from codesign.lowering.lower import attach, lower
from codesign.lowering.records import Product, Trace, WeightView

if TYPE_CHECKING:
    from codesign.lowering.tracing import trace

__all__ = ["Product", "Trace", "WeightView", "attach", "lower", "trace"]


def __getattr__(name: str) -> object:
    """`trace` brings torch, and only when it is asked for."""
    if name != "trace":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from codesign.lowering.tracing import trace

    return trace
