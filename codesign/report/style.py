"""How every figure looks: print size, a palette that colour-blind readers can tell apart, the same marks throughout."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito, Color Universal Design (2008), yellow left out: it does not print. Grey is for what is not compared.
# The last two are of Tol's muted scheme (2021), for plots of more than seven.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#882255", "#999933")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")
GREY = "#8a8a8a"
WIDTH_IN = 7.2  # two columns of a conference page

_SETTINGS = {
    "font.size": 8.5,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.2,
    "lines.markersize": 5,
    "legend.frameon": False,
    "legend.fontsize": 7.5,
    "figure.dpi": 110,
    "savefig.dpi": 300,
    "svg.hashsalt": "codesign",  # the same figure is the same file
    "figure.constrained_layout.use": True,
}


@contextmanager
def print_quality() -> Iterator[None]:
    """Draw within this."""
    import matplotlib as mpl

    mpl.use("agg")
    with mpl.rc_context(_SETTINGS):  # type: ignore[arg-type]  # its stubs want every key as a literal
        yield


def colours(values: Iterable[Hashable]) -> dict[Hashable, str]:
    """A colour for each value, in order."""
    return {value: PALETTE[i % len(PALETTE)] for i, value in enumerate(dict.fromkeys(values))}


def markers(values: Iterable[Hashable]) -> dict[Hashable, str]:
    """A mark for each value, in order."""
    return {value: MARKERS[i % len(MARKERS)] for i, value in enumerate(dict.fromkeys(values))}


def columns(names: Iterable[str]) -> int:
    """Columns that a legend of these names has room for under a figure."""
    widest = max((len(name) for name in names), default=0)
    return max(1, int(72 * WIDTH_IN / (36 + 4.2 * widest)))  # points: of a mark, of a letter


def save(figure: Figure, folder: Path, name: str) -> list[Path]:
    """PNG at 300 dots an inch and SVG; neither carries a date, so that a figure that did not move is the same file."""
    import matplotlib.pyplot as plt

    folder.mkdir(parents=True, exist_ok=True)
    png, svg = folder / f"{name}.png", folder / f"{name}.svg"
    figure.draw_without_rendering()  # lays it out, once for both files
    figure.set_layout_engine("none")
    figure.savefig(png, metadata={"Software": None})
    figure.savefig(svg, metadata={"Date": None, "Creator": None})
    plt.close(figure)
    return [png, svg]


def plain_log(axes: Axes, which: str, low: float, high: float) -> None:
    """A log axis from low to high whose ticks are plain numbers: 2, 5, 10, 20; over three decades 10, 100, 1000."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axis = axes.xaxis if which == "x" else axes.yaxis
    (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    (axes.set_xlim if which == "x" else axes.set_ylim)(low, high)
    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 1000 * low else (1,)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())
