"""Quality as readers say it: shares in per cent, what was lost against the dense model, and which way is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from codesign.report.results import ALLOWED

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_NAMES = {"wer": "Word error rate", "perplexity": "Perplexity", "accuracy": "Accuracy"}


@dataclass(frozen=True)
class QualityScale:
    """How the quality of one workload is written on an axis."""

    metric: str
    factor: float  # 100 where a ratio is shown in per cent
    suffix: str
    lower_is_better: bool

    @classmethod
    def of(cls, rows: pd.DataFrame) -> QualityScale | None:
        """From rows of one workload; None where none has a quality (hardware alone)."""
        judged = rows[rows["quality"].notna()]
        if judged.empty:
            return None
        first = judged.iloc[0]
        ratio = first["quality_unit"] == "ratio"
        return cls(
            first["quality_metric"], 100.0 if ratio else 1.0, " %" if ratio else "", first["quality_goal"] == "min"
        )

    @property
    def label(self) -> str:
        """`Word error rate (%)`."""
        return _NAMES.get(self.metric, self.metric) + (" (%)" if self.suffix else "")

    def shown(self, values: pd.Series) -> np.ndarray:
        """In the unit of the axis."""
        return np.asarray(values, float) * self.factor

    def lost(self, rows: pd.DataFrame) -> np.ndarray:
        """(rows,) quality lost against the dense model.

        In points (of 100) where quality is a ratio, in per cent of the dense value where it is not (perplexity).
        """
        dense = np.asarray(rows["quality_dense"], float)
        worse = (np.asarray(rows["quality"], float) - dense) * (1 if self.lower_is_better else -1)
        return np.asarray(worse * 100 if self.suffix else worse / dense * 100)

    @property
    def lost_unit(self) -> str:
        """The unit of `lost`."""
        return "points" if self.suffix else "% of the dense value"

    def draw_axis(self, axes: Axes, rows: pd.DataFrame) -> None:
        """Log where the values spread over a factor of eight (a pruned decoder that loops), else linear.

        Linear it begins at 0 where less is better; either way there is room for names. Rows that break a constraint,
        which collapsed models do by orders of magnitude, may lie outside.
        """
        from codesign.report.style import plain_log

        axes.set_ylabel(self.label)
        allowed = rows[rows[ALLOWED].astype(bool)] if ALLOWED in rows else rows
        values = self.shown((rows if allowed.empty else allowed)["quality"])
        floor = 1 / max(1, int(rows["quality_n"].max()))
        low, high = np.nanmin(values), np.nanmax(values)
        if self.lower_is_better and high > 8 * max(low, floor):
            plain_log(axes, "y", max(low, floor) * 0.75, high * 1.35)
            return
        axes.margins(y=0.12)
        if 0 < len(allowed) < len(rows):
            room = 0.12 * (high - low)
            axes.set_ylim(low - room, high + room)
        if self.lower_is_better:
            axes.set_ylim(bottom=0)
