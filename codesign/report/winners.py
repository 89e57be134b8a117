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
    """One entry for each workload, array and rate: who wins, by how much, how far that spreads, what the array used."""
    rows = Results.load(folder).finished
    rows = saved(rows[rows["quality"].notna() & (rows["pruned_ratio"] > 0)])
    found = []
    for where, part in rows.groupby(["workload", "array", "pruned_ratio"], sort=True):
        found.append(dict(zip(("workload", "array", "ratio"), where, strict=True)) | _best(part))
    return [json.loads(json.dumps(one, default=float)) for one in found]


def _best(part: pd.DataFrame) -> dict[str, Any]:
    kinds = part.assign(loss=objectives()["quality"].losses(part)).groupby("kind")
    means = kinds[["loss", "quality", "saved_macs", "saved_cycles", "saved_energy"]].mean().sort_values("loss")
    first = means.iloc[0]
    second = means.iloc[1] if len(means) > 1 else None
    low, high, seeds = _spread(kinds.get_group(means.index[0]))
    return {
        "best": means.index[0], "quality": first["quality"], "quality_low": low, "quality_high": high, "seeds": seeds,
        "next": None if second is None else means.index[1],
        "next_quality": None if second is None else second["quality"], "macs_removed": first["saved_macs"],
        "cycles_saved": first["saved_cycles"], "energy_saved": first["saved_energy"],
    }  # fmt: skip


def _spread(rows: pd.DataFrame) -> tuple[float, float, int]:
    """Least and largest quality over its seeds, and their number; of one seed its 95 % interval over the samples."""
    if len(rows) > 1:
        return float(rows["quality"].min()), float(rows["quality"].max()), len(rows)
    return float(rows["quality_low"].iloc[0]), float(rows["quality_high"].iloc[0]), 1
