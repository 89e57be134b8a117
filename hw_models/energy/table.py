"""The constants that ship (`constants.csv`), one lineage a table, and how a constant is brought to another node.

A constant with figures at several nodes is interpolated between them on logarithmic axes. One with a single figure
follows its table's curve for logic energy or logic area. Jouppi et al. (ISCA 2021) is why: logic, wires, SRAM and DRAM
improve unequally, so each operation keeps its own figures at 45 and 7 nm. DRAM does not scale with the logic node.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp, log


@dataclass(frozen=True, slots=True)
class Constant:
    """A figure as its source gives it."""

    table: str
    quantity: str
    key: str
    node_nm: int  # 0: belongs to no logic node
    value: float
    how: str  # read, recalled (from a source not at hand), derived, measured
    source: str


class Table:
    """One lineage of figures. Two are never mixed: a `Table` holds the rows of its own name and no others."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._rows: dict[tuple[str, str], dict[int, Constant]] = {}
        for row in constants():
            if row.table == name:
                self._rows.setdefault((row.quantity, row.key), {})[row.node_nm] = row
        assert self._rows, f"constants.csv has no table {name!r}"

    def keys(self, quantity: str) -> tuple[str, ...]:
        """The keys (formats, sizes, kinds) that a quantity has figures for."""
        return tuple(key for name, key in self._rows if name == quantity)

    def at(self, quantity: str, key: str = "", node_nm: int = 0, curve: str | None = "logic_energy") -> float:
        """The figure at a node; beyond its own nodes it follows `curve` (None: it stays). `ValueError` without one."""
        rows = self._rows.get((quantity, key))
        if rows is None:
            raise ValueError(
                f"energy table {self.name}: no {quantity} for {key or 'it'}; "
                f"it has {', '.join(filter(None, self.keys(quantity))) or 'none'}"
            )
        figures = {node: row.value for node, row in rows.items()}
        if min(figures) <= node_nm <= max(figures):
            return _interpolate(figures, node_nm)
        nearest = min(figures, key=lambda node: abs(node - node_nm))
        if curve is None:
            return figures[nearest]
        factor = self.at(curve, node_nm=node_nm) / self.at(curve, node_nm=nearest)
        return figures[nearest] * factor

    def sources(self) -> tuple[Constant, ...]:
        """Every figure of the table with its source."""
        return tuple(row for rows in self._rows.values() for row in rows.values())


def _interpolate(figures: dict[int, float], node_nm: int) -> float:
    """Between the two nearest nodes, linear in the logarithms of node and figure."""
    if node_nm in figures:
        return figures[node_nm]
    low = max(node for node in figures if node < node_nm)
    high = min(node for node in figures if node > node_nm)
    share = log(node_nm / low) / log(high / low)
    return exp((1 - share) * log(figures[low]) + share * log(figures[high]))


@cache
def table(name: str) -> Table:
    """A table that ships."""
    return Table(name)


@cache
def constants() -> tuple[Constant, ...]:
    """All rows of `constants.csv`."""
    text = files("hw_models.energy").joinpath("constants.csv").read_text(encoding="utf-8")
    return tuple(
        Constant(
            row["table"],
            row["quantity"],
            row["key"],
            int(row["node_nm"]),
            float(row["value"]),
            row["how"],
            row["source"],
        )
        for row in csv.DictReader(text.splitlines())
    )
