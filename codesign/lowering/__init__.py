"""From a model and its inputs to the program a machine executes."""

from codesign.lowering.lower import attach, lower
from codesign.lowering.records import Product, Trace, WeightView

__all__ = ["Product", "Trace", "WeightView", "attach", "lower"]
