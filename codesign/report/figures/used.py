"""How much of the removed work the machine could use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesign.report.figures.marks import by_size, legend
from codesign.report.figures.methods import saved
from codesign.report.labels import kinds
from codesign.report.results import Results
from codesign.report.style import GREY, WIDTH_IN, colours, markers

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def used(results: Results, workload: str) -> Figure | None:
    """Cycles saved over MACs removed; the diagonal is a machine that turns every MAC that goes into time."""
    import matplotlib.pyplot as plt

    rows = results.of(workload)
    rows = saved(rows[rows["pruned_ratio"] > 0])
    if len(rows) < 2:
        return None
    figure, axes = plt.subplots(figsize=(WIDTH_IN * 0.62, 3.9))
    hue, shape = colours(by_size(rows)), markers(kinds(rows))
    for (array, kind), part in rows.groupby(["array", "kind"], sort=False):
        x, y = part["saved_macs"] * 100, part["saved_cycles"] * 100
        axes.plot(x, y, shape[kind], color=hue[array], markersize=4, alpha=0.9)
    end = max(float(rows["saved_macs"].max()), float(rows["saved_cycles"].max())) * 105
    axes.plot([0, end], [0, end], color=GREY, linewidth=0.8, linestyle=":")
    axes.annotate(
        "all of it used", (end, end), xytext=(-8, -3), textcoords="offset points", ha="right", fontsize=6.5, color=GREY
    )
    axes.set_xlabel("MACs removed, of the whole request (%)")
    axes.set_ylabel("Cycles saved, of the whole request (%)")
    legend(figure, rows, front=False)
    return figure
