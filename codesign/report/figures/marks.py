"""The marks shared by the scatter figures: colour is the array, shape is the method, a ring is the front."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from codesign.report.labels import kinds
from codesign.report.results import ALLOWED
from codesign.report.scales import QualityScale
from codesign.report.style import GREY, colours, columns, markers

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def by_size(rows: pd.DataFrame) -> list[str]:
    """Array labels, smallest first."""
    sizes = dict(zip(rows["array"], rows["array_rows"] * rows["array_cols"], strict=True))
    return sorted(sizes, key=lambda name: sizes[name])


def scatter(axes: Axes, rows: pd.DataFrame, x: str, scale: QualityScale, front: np.ndarray) -> None:
    """Quality over column `x`, with intervals; the front ringed and joined; what breaks a constraint is faint."""
    colour, marker = colours(by_size(rows)), markers(kinds(rows))
    quality = scale.shown(rows["quality"])
    low, high = scale.shown(rows["quality_low"]), scale.shown(rows["quality_high"])
    for i, row in rows.iterrows():
        hue = colour[row["array"]]
        axes.plot([row[x]] * 2, [low[i], high[i]], color=hue, alpha=0.25, linewidth=1, zorder=1)
        seen = 0.9 if row.get(ALLOWED, True) else 0.2
        axes.plot(row[x], quality[i], marker[row["kind"]], color=hue, alpha=seen, mec="white", mew=0.4, zorder=3)
    for part in _curves(rows.assign(shown=quality)):
        axes.plot(part[x], part["shown"], color=colour[part["array"].iloc[0]], alpha=0.3, linewidth=0.8, zorder=1)
    order = np.flatnonzero(front)[np.argsort(rows[x].to_numpy(float)[front])]
    axes.plot(rows[x].to_numpy(float)[order], quality[order], color=GREY, linewidth=1, zorder=2)
    axes.plot(rows[x].to_numpy(float)[order], quality[order], "o", mfc="none", mec="black", ms=9, mew=0.9, zorder=4)


def _curves(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Each method on each machine, by rising rate; the dense model is where each begins."""
    import pandas as pd

    dense = rows[rows["pruned_ratio"] == 0].drop_duplicates("hardware").set_index("hardware", drop=False)
    pruned = rows[rows["pruned_ratio"] > 0]
    for (machine, _), part in pruned.groupby(["hardware", "kind"], sort=False):
        yield pd.concat([dense.loc[dense.index == machine], part.sort_values("pruned_ratio")])


def legend(figure: Figure, rows: pd.DataFrame, front: bool = True) -> None:
    """Under the panels: arrays by colour, methods by shape; and the ring of the front."""
    from matplotlib.lines import Line2D

    def line(name: object, shape: str, hue: str) -> Line2D:
        return Line2D([], [], linestyle="", marker=shape, color=hue, label=str(name), markersize=5)

    handles = [line(f"{name} array", "o", hue) for name, hue in colours(by_size(rows)).items()]
    handles += [line(name, shape, GREY) for name, shape in markers(kinds(rows)).items()]
    if front:
        handles.append(Line2D([], [], linestyle="", marker="o", mfc="none", mec="black", ms=8, label="on the front"))
    ncols = columns(str(handle.get_label()) for handle in handles)
    figure.legend(handles=handles, loc="outside lower center", ncols=min(len(handles), ncols))


_PLACES = (
    (7, -11, "left"),
    (0, -15, "center"),
    (9, -2, "left"),
    (7, 7, "left"),
    (-7, 7, "right"),
    (0, 10, "center"),
    (-9, -2, "right"),
    (-7, -11, "right"),
    (0, -24, "center"),
    (0, 19, "center"),
)
"""Where less is better the front rises to the right, and names go below it; else above."""
_WIDTH, _HEIGHT = 46, 8  # of a name, in points


def name_points(axes: Axes, rows: pd.DataFrame, x: str, scale: QualityScale, front: np.ndarray) -> None:
    """Write `8x8, 20 %` beside the points of the front, where least is covered; points that lie on each other get one
    name, and a point that has no room for one gets none.
    """
    from matplotlib.patheffects import withStroke

    axes.figure.canvas.draw()  # positions in pixels are only known then
    pixels = 72 / axes.figure.dpi
    at = axes.transData.transform(np.column_stack([rows[x].to_numpy(float), scale.shown(rows["quality"])])) * pixels
    left, bottom, right, top = np.array(axes.get_window_extent().extents) * pixels
    places = _PLACES if scale.lower_is_better else sorted(_PLACES, key=lambda place: (place[1] < 0, place[1] < -2))
    order = sorted(np.flatnonzero(front), key=lambda i: tuple(at[i]))
    names: list[tuple[float, ...]] = []
    taken = [_around(point, 4) for point in at] + [_around(point, 1) for point in _along(at[order])]
    for place, i in enumerate(order):
        if any(np.hypot(*(at[i] - at[j])) < 3 for j in order[:place]):
            continue
        together = sum(np.hypot(*(at[i] - at[j])) < 3 for j in order)
        boxes = [_box(at[i], *where) for where in places]
        best = min(
            range(len(places)),
            key=lambda n: (
                not _within(boxes[n], (left, bottom, right + 4, top)),
                sum(_overlap(boxes[n], other) for other in names),
                sum(_overlap(boxes[n], other) for other in taken),
                n,
            ),
        )
        if any(_overlap(boxes[best], other) for other in names):
            continue
        names.append(boxes[best])
        dx, dy, side = places[best]
        axes.annotate(
            _name(rows.iloc[i], together), (rows[x].iloc[i], scale.shown(rows["quality"])[i]), xytext=(dx, dy),
            textcoords="offset points", ha=side, fontsize=6.5, zorder=5,
            path_effects=[withStroke(linewidth=2, foreground="white")],
        )  # fmt: skip


def _box(point: np.ndarray, dx: float, dy: float, side: str) -> tuple[float, ...]:
    """Of a name written there."""
    left = point[0] + dx - _WIDTH * {"left": 0.0, "center": 0.5, "right": 1.0}[side]
    return left, point[1] + dy, left + _WIDTH, point[1] + dy + _HEIGHT


def _around(point: np.ndarray, reach: float) -> tuple[float, ...]:
    return point[0] - reach, point[1] - reach, point[0] + reach, point[1] + reach


def _along(line: np.ndarray) -> np.ndarray:
    """Places on a line through points, close enough for a name not to fit between."""
    parts = [np.linspace(one, two, 2 + int(np.hypot(*(two - one)) / 5)) for one, two in pairwise(line)]
    return np.concatenate(parts) if parts else line


def _within(box: tuple[float, ...], frame: tuple[float, ...]) -> bool:
    return frame[0] < box[0] and frame[1] < box[1] and box[2] < frame[2] and box[3] < frame[3]


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _name(row: pd.Series, together: int) -> str:
    if not row["pruned_ratio"]:
        return "dense" if together > 1 else f"{row['array']} dense"
    return f"{row['array']}, {row['pruned_ratio'] * 100:.0f} %"
