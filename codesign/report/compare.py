"""Two stores beside each other: what moved, and by how much."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesign.report.results import Results

if TYPE_CHECKING:
    import pandas as pd

WATCHED = ("quality", "speedup", "speedup_vs_reference", "latency_ms", "energy_uj", "area_mm2", "cycles")


@dataclass(frozen=True, eq=False)
class Moved:
    """Designs that both stores have, by what they ask (not by key: the tool's version may differ).

    Of each store the rows of one version take part, that of the last row written; what else it holds is counted.
    """

    both: int
    only_before: int
    only_after: int
    left_out: int  # rows of other versions, in the two stores
    changes: pd.DataFrame  # design, column, before, after, change (relative)

    def as_dict(self) -> dict[str, Any]:  # Any: JSON
        """For --json."""
        counts = {"both": self.both, "only_before": self.only_before, "only_after": self.only_after}
        counts["left_out"] = self.left_out
        return counts | {"changes": json.loads(self.changes.to_json(orient="records"))}

    def text(self) -> str:
        """A summary by column, then the largest moves."""
        lines = [
            f"{self.both} designs in both, {self.only_before} only in the first, {self.only_after} only in the second"
        ]
        if self.left_out:
            lines.append(f"{self.left_out} rows of other versions left out: a store is read by its last row's version")
        if self.changes.empty:
            return "\n".join([*lines, "nothing moved"])
        for column, part in self.changes.groupby("column", sort=False):
            size = part["change"].abs()
            lines.append(f"{column}: {len(part)} moved, median {size.median():.2%}, largest {size.max():.2%}")
        order = self.changes["change"].abs().sort_values(ascending=False).index
        lines += ["", "largest moves:"]
        lines += [
            f"  {row['column']}  {row['before']:.6g} -> {row['after']:.6g} ({row['change']:+.2%})  {row['design']}"
            for _, row in self.changes.loc[order].head(10).iterrows()
        ]
        return "\n".join(lines)


def compare(before: Path, after: Path, tolerance: float = 1e-9) -> Moved:
    """What moved from the first store to the second by more than a relative tolerance."""
    import pandas as pd

    stores = Results.load(before), Results.load(after)
    old, new = (store.rows.drop_duplicates("design_json", keep="last").set_index("design_json") for store in stores)
    left_out = sum(sum(store.other_versions.values()) for store in stores)
    shared = old.index.intersection(new.index)
    changes = []
    for column in WATCHED:
        pair = (
            pd.DataFrame({"before": old.loc[shared, column], "after": new.loc[shared, column]}).astype(float).dropna()
        )
        change = (pair["after"] - pair["before"]) / pair["before"].abs().where(pair["before"] != 0, 1.0)
        pair = pair.assign(column=column, change=change, design=[_told(old.loc[at]) for at in pair.index])
        changes.append(pair[change.abs() > tolerance])
    table = pd.concat(changes, ignore_index=True)[["design", "column", "before", "after", "change"]]
    return Moved(len(shared), len(old) - len(shared), len(new) - len(shared), left_out, table)


def _told(row: pd.Series) -> str:
    pruned = f"{row['method']}+{row['repair']} {row['pruned_ratio']:g} by {row['block_rows']}x{row['block_cols']}"
    return f"{row['workload']}, {pruned}, {row['hardware']}"
