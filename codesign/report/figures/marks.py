"""The marks shared by the scatter figures: colour is the array, shape is the method, a ring is the front."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from codesign.report.results import array_label, method_label
from codesign.report.scales import QualityScale
from codesign.report.style import GREY, colours, markers

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def by_size(rows: pd.DataFrame) -> list[str]:
    """Array labels, smallest first."""
    sizes = {array_label(row): int(row["array_rows"]) * int(row["array_cols"]) for _, row in rows.iterrows()}
    return sorted(sizes, key=lambda name: sizes[name])


def scatter(axes: Axes, rows: pd.DataFrame, x: str, scale: QualityScale, front: np.ndarray) -> None:
    """Quality over column `x`, with intervals; the front ringed and joined."""
    colour, marker = colours(by_size(rows)), markers(rows.apply(method_label, axis=1))
    quality = scale.shown(rows["quality"])
    low, high = scale.shown(rows["quality_low"]), scale.shown(rows["quality_high"])
    for i, row in rows.iterrows():
        hue = colour[array_label(row)]
        axes.plot([row[x]] * 2, [low[i], high[i]], color=hue, alpha=0.25, linewidth=1, zorder=1)
        axes.plot(row[x], quality[i], marker[method_label(row)], color=hue, alpha=0.9, mec="white", mew=0.4, zorder=3)
    for _, part in rows.assign(shown=quality).groupby(["hardware", "method", "repair"], sort=False):
        part = part.sort_values("pruned_ratio")
        axes.plot(part[x], part["shown"], color=colour[array_label(part.iloc[0])], alpha=0.3, linewidth=0.8, zorder=1)
    order = np.flatnonzero(front)[np.argsort(rows[x].to_numpy(float)[front])]
    axes.plot(rows[x].to_numpy(float)[order], quality[order], color=GREY, linewidth=1, zorder=2)
    axes.plot(rows[x].to_numpy(float)[order], quality[order], "o", mfc="none", mec="black", ms=9, mew=0.9, zorder=4)


def legend(figure: Figure, rows: pd.DataFrame) -> None:
    """Under the panels: arrays by colour, methods by shape."""
    from matplotlib.lines import Line2D

    def line(name: object, shape: str, hue: str) -> Line2D:
        return Line2D([], [], linestyle="", marker=shape, color=hue, label=str(name), markersize=5)

    handles = [line(f"{name} array", "o", hue) for name, hue in colours(by_size(rows)).items()]
    handles += [line(name, shape, GREY) for name, shape in markers(rows.apply(method_label, axis=1)).items()]
    handles.append(Line2D([], [], linestyle="", marker="o", mfc="none", mec="black", ms=8, label="on the front"))
    figure.legend(handles=handles, loc="outside lower center", ncols=min(len(handles), 5))


def name_points(axes: Axes, rows: pd.DataFrame, x: str, scale: QualityScale, which: np.ndarray) -> None:
    """Write `8x8, 20 %` beside points, from left to right, each where no other name stands yet; points that lie on
    each other get one name."""
    quality, columns = scale.shown(rows["quality"]), rows[x].to_numpy(float)
    axes.figure.canvas.draw()  # positions in pixels are only known then
    point = axes.figure.dpi / 72
    low, high = axes.get_window_extent().y0, axes.get_window_extent().y1
    at = axes.transData.transform(np.column_stack([columns, quality]))
    taken: list[tuple[float, float]] = []
    named: list[int] = []
    for i in sorted(np.flatnonzero(which), key=lambda i: columns[i]):
        if any(np.hypot(*(at[i] - at[j])) < 3 * point for j in named):
            continue
        together = sum(np.hypot(*(at[i] - at[j])) < 3 * point for j in np.flatnonzero(which))
        named.append(i)
        for step in (-15, 11, -24, 20, -33, 29):
            place = (at[i][0], at[i][1] + step * point)
            free = all(abs(place[0] - a) > 44 * point or abs(place[1] - b) > 8.5 * point for a, b in taken)
            if free and low + 2 * point < place[1] < high - 8 * point:
                break
        taken.append(place)
        axes.annotate(
            _name(rows.iloc[i], together), (columns[i], quality[i]), xytext=(0, step), textcoords="offset points",
            ha="center", fontsize=6.5, zorder=5,
        )  # fmt: skip


def _name(row: pd.Series, together: int) -> str:
    if not row["pruned_ratio"]:
        return "dense" if together > 1 else f"{array_label(row)} dense"
    return f"{array_label(row)}, {row['pruned_ratio'] * 100:.0f} %"
