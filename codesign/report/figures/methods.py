"""Methods beside each other: quality against what they remove, and against what that is worth on the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesign.report.figures.marks import by_size
from codesign.report.figures.tradeoff import judged
from codesign.report.labels import DENSE, kinds
from codesign.report.results import Results
from codesign.report.scales import QualityScale
from codesign.report.style import WIDTH_IN, colours, columns, markers

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ACROSS = (
    ("pruned_ratio", 100.0, "Removed, of the scope (%)"),
    ("saved_cycles", 100.0, "Cycles saved (%)"),
    ("saved_energy", 100.0, "Energy saved (%)"),
)


def methods(results: Results, workload: str) -> Figure | None:
    """A row of panels for each array; one line a method through the means over seeds, a band over their range."""
    import matplotlib.pyplot as plt

    rows = judged(results, workload)
    scale = QualityScale.of(rows)
    if scale is None or rows.loc[rows["pruned_ratio"] > 0, ["method", "repair"]].drop_duplicates().shape[0] < 2:
        return None
    rows = saved(rows)
    arrays = by_size(rows)
    names = [kind for kind in kinds(rows) if kind != DENSE]
    shape = (len(arrays), len(_ACROSS))
    size = (WIDTH_IN, 1.1 + 1.55 * len(arrays))
    figure, panels = plt.subplots(*shape, figsize=size, sharey=True, sharex="col", squeeze=False)
    for line, array in zip(panels, arrays, strict=True):
        for axes, (column, factor, label) in zip(line, _ACROSS, strict=True):
            _lines(axes, rows[rows["array"] == array], names, column, factor, scale)
            if array == arrays[-1]:
                axes.set_xlabel(label)
        line[0].set_title(f"{array} array")
    scale.draw_axis(panels[0, 0], rows)
    for line in panels:
        line[0].set_ylabel(scale.label)
    handles, told = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, told, loc="outside lower center", ncols=columns(told))
    return figure


def saved(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with what they save of cycles, energy and MACs, in [0, 1]."""
    return rows.assign(
        saved_cycles=1 - rows["cycles"].astype(float) / rows["cycles_dense"].astype(float),
        saved_energy=1 - rows["energy_ratio"],
        saved_macs=1 - rows["mac_density"],
    )


def _lines(axes: Axes, rows: pd.DataFrame, names: list[str], column: str, factor: float, scale: QualityScale) -> None:
    hue, shape = colours(names), markers(names)
    dense = rows[rows["kind"] == DENSE].head(1)
    for name in names:
        part = rows[rows["kind"] == name]
        points = part.groupby("pruned_ratio").agg(
            x=(column, "mean"), mean=("quality", "mean"), low=("quality", "min"), high=("quality", "max")
        )
        x = [0.0] * len(dense) + list(points["x"] * factor)
        mean, low, high = ([*dense["quality"], *points[which]] for which in ("mean", "low", "high"))
        told = [[value * scale.factor for value in values] for values in (mean, low, high)]
        axes.plot(x, told[0], marker=shape[name], color=hue[name], label=name, markersize=4)
        axes.fill_between(x, told[1], told[2], color=hue[name], alpha=0.15, linewidth=0)
