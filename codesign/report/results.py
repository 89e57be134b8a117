"""What a report is drawn from: the rows of a store, the layers beside them, and notes on the workloads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from codesign.rows import frame as frames
from codesign.rows import pareto
from codesign.rows.objective import Objective, objectives

if TYPE_CHECKING:
    import pandas as pd

DEFAULT_OBJECTIVES = ("speedup_vs_reference", "quality")


@dataclass(frozen=True, eq=False)
class Results:
    """One store, read once. Rows of older versions of the tool are counted and left out."""

    folder: Path
    rows: pd.DataFrame  # the columns of the contract, of one version
    other_versions: dict[str, int] = field(default_factory=dict)  # version -> rows left out
    notes: dict[str, dict[str, str]] = field(default_factory=dict)  # workload -> source, note, request

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
        return cls(folder, rows[rows["version"] == chosen].reset_index(drop=True), others, _notes(folder))

    @cached_property
    def finished(self) -> pd.DataFrame:
        """Rows that have results."""
        return self.rows[self.rows["error"].isna() & self.rows["cycles"].notna()].reset_index(drop=True)

    @cached_property
    def failed(self) -> pd.DataFrame:
        """Rows that have an error instead."""
        return self.rows[self.rows["error"].notna()].reset_index(drop=True)

    @property
    def workloads(self) -> list[str]:
        """In the order in which they came."""
        return list(dict.fromkeys(self.finished["workload"]))

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


def on_front(rows: pd.DataFrame, names: Sequence[str] = DEFAULT_OBJECTIVES) -> np.ndarray:
    """(rows,) True where no other row is at least as good in all the objectives named, and better in one."""
    return pareto.front(pareto.losses(rows, [wish(name) for name in names]))


def wish(name: str) -> Objective:
    """An objective by name."""
    return objectives()[name]


def method_label(row: pd.Series) -> str:
    """`wanda + least_squares`; `dense` where nothing was removed."""
    if not row["pruned_ratio"]:
        return "dense"
    return row["method"] if row["repair"] == "none" else f"{row['method']} + {row['repair']}"


def array_label(row: pd.Series) -> str:
    """`8x8`, with a multiplication sign."""
    return f"{row['array_rows']}×{row['array_cols']}"
