"""What can be wished for: a column, the direction that is better, and how to name both on an axis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Objective:
    """One wish. `formula` makes the figure where it is not a column itself."""

    name: str
    label: str
    unit: str
    goal: Literal["min", "max", "row"]  # "row": each row says it itself, in `quality_goal`
    formula: Callable[[pd.DataFrame], pd.Series] | None = None

    def values(self, rows: pd.DataFrame) -> npt.NDArray[np.float64]:
        """(rows,), NaN where a row has no such result."""
        column = self.formula(rows) if self.formula is not None else rows[self.name]
        return np.asarray(column.to_numpy(dtype=float, na_value=np.nan))

    def losses(self, rows: pd.DataFrame) -> npt.NDArray[np.float64]:
        """(rows,): the smaller the better, whatever the direction of the wish."""
        if self.goal == "row":
            return self.values(rows) * np.where(rows["quality_goal"] == "max", -1.0, 1.0)
        return self.values(rows) * (-1.0 if self.goal == "max" else 1.0)


_SHIPPED = (
    Objective("speedup", "Speed-up over the dense model, same machine", "x", "max"),
    Objective("speedup_vs_reference", "Speed-up over the dense model on the reference machine", "x", "max"),
    Objective("quality", "Quality", "", "row"),
    Objective("latency_ms", "Latency", "ms", "min"),
    Objective("cycles", "Cycles", "cycles", "min"),
    Objective("energy_uj", "Energy", "µJ", "min"),
    Objective("energy_ratio", "Energy relative to the dense model, same machine", "ratio", "min"),
    Objective("area_mm2", "Area", "mm²", "min"),
    Objective("edp", "Energy-delay product", "µJ ms", "min"),
    Objective("utilization", "Utilisation of the array", "ratio", "max"),
    Objective("dram_read_bytes", "Bytes read from DRAM", "bytes", "min"),
    Objective("params_removed_ratio", "Parameters removed from the whole model", "ratio", "max"),
)


@cache
def objectives() -> dict[str, Objective]:
    """All objectives by name: those shipped, then those of other packages (entry points `codesign.objectives`)."""
    table = {one.name: one for one in _SHIPPED}
    for point in entry_points(group="codesign.objectives"):
        table[point.name] = point.load()
    return table
