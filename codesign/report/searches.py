"""Searches in a store: each sampler's way through the space, and the hypervolume it had after each evaluation."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from codesign.rows.frame import read
from codesign.rows.objective import objectives
from codesign.rows.pareto import Losses, hypervolume, hypervolume_history, losses


@dataclass(frozen=True, eq=False)
class Way:
    """One sampler's evaluations in order, in the objectives' losses."""

    sampler: str
    objectives: tuple[str, ...]
    points: Losses  # (evaluations, objectives); NaN where one failed or broke a constraint
    skipped: int  # proposals that were beaten before they cost an evaluation


def ways(folder: Path) -> list[Way]:
    """All searches of a store."""
    return [_way(json.loads(path.read_text())) for path in sorted((folder / "search").glob("*.json"))]


def _way(record: dict[str, Any]) -> Way:
    names = tuple(record["objectives"])
    counted = [step for step in record["steps"] if step["kind"] in ("judged", "failed")]
    nothing = [np.nan] * len(names)
    points = [step["losses"] if step["kind"] == "judged" and step["feasible"] else nothing for step in counted]
    return Way(
        record["sampler"], names, np.array(points, float).reshape(-1, len(names)), len(record["steps"]) - len(counted)
    )


def reference_point(points: Losses) -> np.ndarray:
    """(objectives,) a little beyond the worst of all points, so that each counts: 1 % of the span."""
    low, high = np.nanmin(points, axis=0), np.nanmax(points, axis=0)
    return np.asarray(high + 0.01 * np.where(high > low, high - low, 1.0))


def histories(folder: Path) -> tuple[list[tuple[Way, np.ndarray]], float | None]:
    """Each search with its normalised hypervolume after each evaluation, and that of all rows of the store.

    The hypervolume is counted in units of the box that all rows of the store span, so that it lies in [0, 1].
    """
    found = ways(folder)
    if not found:
        return [], None
    rows = read(folder)
    rows = rows[rows["error"].isna()]
    everything = losses(rows, [objectives()[name] for name in found[0].objectives])
    low, high = np.nanmin(everything, axis=0), reference_point(everything)
    span = high - low
    unit = np.ones(len(span))
    told = [
        (way, hypervolume_history((way.points - low) / span, unit))
        for way in found
        if way.objectives == found[0].objectives
    ]
    return told, hypervolume((everything - low) / span, unit)


def summaries(folder: Path) -> list[dict[str, Any]]:
    """One line a search, for the terminal; `share` is of the hypervolume of all rows that the store holds."""
    told, whole = histories(folder)
    return [
        {
            "sampler": way.sampler,
            "evaluations": len(way.points),
            "skipped": way.skipped,
            "hypervolume": float(history[-1]) if len(history) else 0.0,
            "share": float(history[-1] / whole) if whole and len(history) else None,
        }
        for way, history in told
    ]
