"""What a report is drawn from: the rows of a store, the layers beside them, and notes on the workloads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from codesign.report.labels import labelled
from codesign.rows import frame as frames
from codesign.rows import pareto
from codesign.rows.condition import Condition
from codesign.rows.objective import Objective, objectives

if TYPE_CHECKING:
    import pandas as pd

DEFAULT_OBJECTIVES = ("speedup_vs_reference", "quality")
ALLOWED = "allowed"
"""A column beside those of the contract: does the row meet the constraints of the space that asked for it?"""


@dataclass(frozen=True)
class Wishes:
    """What a space wishes for of one workload, and what it can not do with."""

    objectives: tuple[str, ...] = DEFAULT_OBJECTIVES
    constraints: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Results:
    """One store, read once. Rows of older versions of the tool are counted and left out."""

    folder: Path
    rows: pd.DataFrame  # the columns of the contract, of one version
    other_versions: dict[str, int] = field(default_factory=dict)  # version -> rows left out
    notes: dict[str, dict[str, str]] = field(default_factory=dict)  # workload -> source, note, request
    wishes: dict[str, Wishes] = field(default_factory=dict)  # by workload

    @classmethod
    def load(cls, folder: Path, version: str | None = None) -> Results:
        """Read a store, which may be growing. `version`: whose rows; none: of the last row written."""
        rows = frames.read(folder)
        if rows.empty:
            raise ValueError(f"results {folder}: no finished row in it yet")
        counts = rows["version"].value_counts()
        chosen = version or str(rows["version"].iloc[-1])
        if chosen not in counts:
            raise ValueError(f"results {folder}: no row of version {chosen!r}; it has {', '.join(counts.index)}")
        others = {str(name): int(count) for name, count in counts.items() if name != chosen}
        return cls(
            folder, rows[rows["version"] == chosen].reset_index(drop=True), others, _notes(folder), _wishes(folder)
        )

    @cached_property
    def finished(self) -> pd.DataFrame:
        """Rows that have results, with their labels, and whether each is `allowed` by its space's constraints."""
        rows = labelled(self.rows[self.rows["error"].isna() & self.rows["cycles"].notna()].reset_index(drop=True))
        return rows.assign(**{ALLOWED: self._allowed(rows)})

    @cached_property
    def failed(self) -> pd.DataFrame:
        """Rows that have an error instead."""
        return self.rows[self.rows["error"].notna()].reset_index(drop=True)

    def _allowed(self, rows: pd.DataFrame) -> np.ndarray:
        import pandas as pd

        allowed = np.ones(len(rows), dtype=bool)
        for workload, wished in self.wishes.items():
            conditions = [Condition(text) for text in wished.constraints]
            for place in np.flatnonzero(rows["workload"] == workload) if conditions else ():
                values = {name: None if pd.isna(value) else value for name, value in rows.iloc[place].items()}
                allowed[place] = all(_meets(one, values) for one in conditions)
        return allowed

    @property
    def workloads(self) -> list[str]:
        """In the order in which they came."""
        return list(dict.fromkeys(self.finished["workload"]))

    def wished(self, workload: str) -> Wishes:
        """What the space that asked for the workload wishes for."""
        return self.wishes.get(workload, Wishes())

    def of(self, workload: str) -> pd.DataFrame:
        """The finished rows of one workload."""
        return self.finished[self.finished["workload"] == workload].reset_index(drop=True)

    def layers(self, key: str) -> pd.DataFrame | None:
        """Per-layer figures of a row, dense beside pruned; None where the store keeps none."""
        import pandas as pd

        path = self.folder / "layers" / f"{key}.parquet"
        return pd.read_parquet(path) if path.is_file() else None


def _notes(folder: Path) -> dict[str, dict[str, str]]:
    notes = [json.loads(path.read_text()) for path in sorted((folder / "workloads").glob("*.json"))]
    return {note.pop("workload"): note for note in notes}


def _wishes(folder: Path) -> dict[str, Wishes]:
    told = [json.loads(path.read_text()) for path in sorted((folder / "wishes").glob("*.json"))]
    return {one["workload"]: Wishes(tuple(one["objectives"]), tuple(one["constraints"])) for one in told}


def _meets(condition: Condition, values: Mapping[str, object]) -> bool:
    """A row that lacks what a constraint speaks of does not meet it."""
    if any(values.get(name) is None for name in condition.fields):
        return False
    return condition(values)


def on_front(rows: pd.DataFrame, names: Sequence[str] = DEFAULT_OBJECTIVES) -> np.ndarray:
    """(rows,) True where no other allowed row is at least as good in all the objectives named, and better in one."""
    return front_of(rows, pareto.losses(rows, [wish(name) for name in names]))


def front_of(rows: pd.DataFrame, points: pareto.Losses) -> np.ndarray:
    """The same from losses (rows, objectives)."""
    if ALLOWED not in rows:
        return pareto.front(points)
    return pareto.front(np.where(rows[ALLOWED].to_numpy(bool)[:, None], points, np.nan))


def wish(name: str) -> Objective:
    """An objective by name."""
    return objectives()[name]
