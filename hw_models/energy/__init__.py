"""What counts cost in picojoules and parts in square millimetres, each figure with its source and node."""

from hw_models.energy.area import area
from hw_models.energy.prices import Prices, prices_of
from hw_models.energy.pricing import price

__all__ = ["Prices", "area", "price", "prices_of"]
