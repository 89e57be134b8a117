"""Which method wins where: for each array and rate, the one whose quality is best."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesign.report.figures.methods import saved
from codesign.report.results import Results
from codesign.rows.objective import objectives

if TYPE_CHECKING:
    import pandas as pd


def winners(folder: Path) -> list[dict[str, Any]]:
    """One entry for each workload, array and rate: the winner, its quality, the next one's, and what the array used."""
    rows = Results.load(folder).finished
    rows = saved(rows[rows["quality"].notna() & (rows["pruned_ratio"] > 0)])
    found = []
    for where, part in rows.groupby(["workload", "array", "pruned_ratio"], sort=True):
        found.append(dict(zip(("workload", "array", "ratio"), where, strict=True)) | _best(part))
    return [json.loads(json.dumps(one, default=float)) for one in found]


def _best(part: pd.DataFrame) -> dict[str, Any]:
    means = part.assign(loss=objectives()["quality"].losses(part)).groupby("kind")[
        ["loss", "quality", "saved_macs", "saved_cycles", "saved_energy"]
    ]
    order = means.mean().sort_values("loss")
    first = order.iloc[0]
    second = order.iloc[1] if len(order) > 1 else None
    return {
        "best": order.index[0], "quality": first["quality"], "next": None if second is None else order.index[1],
        "next_quality": None if second is None else second["quality"], "macs_removed": first["saved_macs"],
        "cycles_saved": first["saved_cycles"], "energy_saved": first["saved_energy"],
    }  # fmt: skip
