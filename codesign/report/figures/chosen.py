"""The rows that the detailed figures show: on each array, one pruned model that is worth looking into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesign.report.results import Results
from codesign.report.scales import QualityScale

if TYPE_CHECKING:
    import pandas as pd

USEFUL_LOSS = 5.0
"""Points (or per cent of perplexity) beyond which a model is fast and of no use to anyone."""


def showcase(results: Results, workload: str) -> list[tuple[pd.Series, pd.DataFrame]]:
    """For each array the fastest pruned row that has lost little, with its layers; arrays by size.

    Of hardware alone (no quality) it is the fastest pruned row. Arrays whose layers are not stored are left out.
    """
    rows = results.of(workload)
    rows = rows[rows["pruned_ratio"] > 0]
    scale = QualityScale.of(rows)
    if scale is not None:
        rows = rows[scale.lost(rows) <= USEFUL_LOSS]
    found = []
    for _, part in rows.assign(pes=rows["array_rows"] * rows["array_cols"]).groupby(["pes", "array_rows"]):
        row = part.loc[part["speedup"].idxmax()]
        layers = results.layers(row["key"])
        if layers is not None:
            found.append((row, layers))
    return found
