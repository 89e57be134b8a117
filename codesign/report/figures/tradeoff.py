"""Speed-up against quality: all arrays on one axis, and each against itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from codesign.report.figures.marks import legend, name_points, scatter
from codesign.report.results import Results, on_front
from codesign.report.scales import QualityScale
from codesign.report.style import WIDTH_IN, plain_log

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


def tradeoff(results: Results, workload: str) -> Figure | None:
    """Two panels: `speedup_vs_reference` and `speedup`, each with its own front."""
    import matplotlib.pyplot as plt

    rows = judged(results, workload)
    scale = QualityScale.of(rows)
    if scale is None:
        return None
    figure, panels = plt.subplots(1, 2, figsize=(WIDTH_IN, 3.9), sharey=True, width_ratios=(1.25, 1))
    for axes, column, title in zip(
        panels, ("speedup_vs_reference", "speedup"), ("All arrays, one axis", "Each array against itself"), strict=True
    ):
        front = on_front(rows, (column, "quality"))
        scatter(axes, rows, column, scale, front)
        axes.set_title(title)
    speeds = rows["speedup_vs_reference"].to_numpy(float)
    if speeds.max() > 4 * speeds.min():
        plain_log(panels[0], "x", speeds.min() / 1.3, speeds.max() * 3.2)
    own = rows["speedup"].to_numpy(float)
    panels[1].set_xlim(right=own.max() + 0.14 * (own.max() - own.min() or 1.0))  # room for the last one's name
    panels[0].set_xlabel("Speed-up over the dense model on the reference machine (x)")
    panels[1].set_xlabel("Speed-up over the dense model, same array (x)")
    scale.draw_axis(panels[0], rows)
    panels[1].set_ylabel("")
    legend(figure, rows)
    for axes, column in zip(panels, ("speedup_vs_reference", "speedup"), strict=True):
        name_points(axes, rows, column, scale, on_front(rows, (column, "quality")))
    return figure


def judged(results: Results, workload: str) -> pd.DataFrame:
    """The workload's rows that have a quality and a speed."""
    rows = results.of(workload)
    keep = rows["quality"].notna() & rows["speedup_vs_reference"].notna()
    return rows[keep & np.isfinite(rows["latency_ms"].to_numpy(float))].reset_index(drop=True)
