"""SRAM as a law fitted to a table's figures: figure = a x bytes^b, least squares on logarithmic axes."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log

from hw_models.energy.table import Table


@dataclass(frozen=True, slots=True)
class PowerLaw:
    """a x bytes^b."""

    a: float
    b: float

    def __call__(self, size_bytes: float) -> float:
        """The figure of a memory of this size."""
        return float(self.a * size_bytes**self.b)


def fit(points: dict[float, float]) -> PowerLaw:
    """The law nearest to {bytes: figure}; needs two sizes at least."""
    xs, ys = [log(size) for size in points], [log(figure) for figure in points.values()]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / sum((x - mean_x) ** 2 for x in xs)
    return PowerLaw(exp(mean_y - slope * mean_x), slope)


def law(table: Table, quantity: str, node_nm: int, curve: str = "logic_energy") -> PowerLaw:
    """The law of an SRAM quantity at a node: each size is brought to the node, then the law is fitted."""
    return fit({float(size): table.at(quantity, size, node_nm, curve) for size in table.keys(quantity)})
