"""Results as flat rows: their columns, tables made of them, objectives, Pareto fronts. No torch, no simulator."""

from codesign.rows.row import COLUMNS, KIND, MEANING, UNIT, Row

__all__ = ["COLUMNS", "KIND", "MEANING", "UNIT", "Row"]
