"""`python -m rtl.pictures`: the block diagram and the waveform of docs/rtl.md; the waveform is of a run in Icarus."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from rtl.bench.icarus import Trial, operands, watch
from rtl.bench.job import Job, Machine

OUT = Path(__file__).parents[1] / "docs" / "pictures"
BLOCKS = {
    # name: (x, y, width, height, text)
    "bitmap": (0, 6, 2.6, 1, "loader\nbitmap"),
    "weights": (0, 4, 2.6, 1, "loader\nweight memory"),
    "acts": (0, 2, 2.6, 1, "loader\nactivation memory"),
    "gate": (4, 6, 2.6, 1, "tile_gate"),
    "sequencer": (8, 6, 2.6, 1, "sequencer"),
    "gear_w": (4, 4, 2.6, 1, "gearbox"),
    "gear_a": (4, 2, 2.6, 1, "gearbox"),
    "array": (8, 1.6, 2.6, 3.4, "array\n\nskew\nRows x Cols pe\nskew back"),
    "sums": (12, 2.8, 2.6, 1, "accumulators"),
    "unload": (12, 1.2, 2.6, 1, "unloader"),
}
ARROWS = [
    ((2.6, 6.5), (4, 6.5), "window"),
    ((6.6, 6.5), (8, 6.5), "live tile"),
    ((2.6, 4.5), (4, 4.5), "words"),
    ((6.6, 4.5), (8, 4.5), "rows"),
    ((2.6, 2.5), (4, 2.5), "words"),
    ((6.6, 2.5), (8, 2.5), "rows"),
    ((9.3, 6), (9.3, 5), "take, select"),
    ((10.6, 3.3), (12, 3.3), "sums"),
    ((13.3, 2.8), (13.3, 2.2), ""),
    ((-1.4, 6.5), (0, 6.5), "stream"),
    ((-1.4, 4.5), (0, 4.5), "stream"),
    ((-1.4, 2.5), (0, 2.5), "stream"),
    ((14.6, 1.7), (16, 1.7), "results"),
]
SIGNALS = {
    "busy_o": "busy_o",
    "i_gate.tile_valid_o": "tile at hand",
    "i_sequencer.tile_take_o": "load begins",
    "i_sequencer.weight_read_o": "weight row read",
    "i_array.take_i": "weight row enters",
    "i_sequencer.act_read_o": "activation row read",
    "i_array.select_i": "register that multiplies",
    "i_sequencer.row_o": "activation row enters",
    "sum_row": "sums written",
}


def main() -> int:
    """Both pictures, as SVG."""
    OUT.mkdir(parents=True, exist_ok=True)
    rcParams["svg.hashsalt"] = "rtl"  # the same picture, byte for byte
    block_diagram().savefig(OUT / "rtl_blocks.svg", metadata={"Date": None})
    waveform().savefig(OUT / "rtl_pass.svg", metadata={"Date": None})
    return 0


def block_diagram() -> Figure:
    """rtl/top.sv from left to right."""
    figure = Figure(figsize=(9.6, 4.0), layout="constrained")
    axes = figure.add_subplot()
    for x, y, width, height, text in BLOCKS.values():
        axes.add_patch(_box(x, y, width, height))
        axes.text(x + width / 2, y + height / 2, text, ha="center", va="center", fontsize=9)
    for begin, end, text in ARROWS:
        axes.annotate("", end, begin, arrowprops={"arrowstyle": "->"})
        upright = begin[0] == end[0]
        place = ((begin[0] + end[0]) / 2 + (0.1 if upright else 0), (begin[1] + end[1]) / 2 + (0 if upright else 0.1))
        axes.text(*place, text, fontsize=7, ha="left" if upright else "center", va="center" if upright else "bottom")
    axes.annotate("", (12.9, 3.8), (10.6, 6.4), arrowprops={"arrowstyle": "->", "connectionstyle": "arc3,rad=-0.2"})
    axes.text(12.6, 5.4, "row label, D cycles later", fontsize=7)
    axes.set(xlim=(-1.6, 16.2), ylim=(0.9, 7.3))
    axes.axis("off")
    return figure


def _box(x: float, y: float, width: float, height: float) -> FancyBboxPatch:
    return FancyBboxPatch((x, y), width, height, boxstyle="round,pad=0.05", facecolor="#dce9f5", edgecolor="#1f4e79")


def waveform() -> Figure:
    """Three tiles, the middle one dead, on a 4x4 array: 6 rows streamed, double buffered, one bit scanned a cycle."""
    machine = Machine(4, 4, scan_bits=1)
    a, b = operands(machine, 6, 12, 4, np.random.default_rng(0))
    job = Job(machine, a, b, np.array([[True], [False], [True]]), "double_buffered")
    with TemporaryDirectory() as folder:
        outcome, cycles = watch(Trial(job), list(SIGNALS), Path(folder))
    figure = Figure(figsize=(9.6, 4.2), layout="constrained")
    axes = figure.add_subplot()
    for place, (path, label) in enumerate(reversed(SIGNALS.items())):
        values = [int("1" in cycle[path]) for cycle in cycles]
        axes.step(
            range(len(values) + 1),
            [place * 1.5 + value for value in [*values, values[-1]]],
            where="post",
            color="#1f4e79",
        )
        axes.text(-0.3, place * 1.5 + 0.35, label, ha="right", va="center", fontsize=8)
    _marks(axes, cycles, outcome.busy_cycles or 0)
    _tiles(axes, cycles, "i_sequencer.weight_read_o", 4)
    _tiles(axes, cycles, "i_sequencer.act_read_o", 6)
    axes.set(xlim=(-0.1, len(cycles)), xticks=range(len(cycles) + 1), yticks=[])
    axes.tick_params(axis="x", labelsize=7)
    axes.set_xlabel(f"cycle of the run ({outcome.busy_cycles} in all)", fontsize=8)
    axes.grid(axis="x", linewidth=0.3)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    return figure


def _marks(axes: Axes, cycles: list[dict[str, str]], total: int) -> None:
    """Search, load, stream, depth and the two constants, where they lie in the run."""
    read = [at for at, cycle in enumerate(cycles) if cycle["i_sequencer.weight_read_o"] == "1"]
    stream = [at for at, cycle in enumerate(cycles) if cycle["i_sequencer.act_read_o"] == "1"]
    first, end = read[0], stream[-1] + 1
    spans = [
        (0, first, "search"),
        (first, first + 4, "load R"),
        (first + 4, end, "streams, M each"),
        (end, total - 2, "D"),
        (total - 2, total, "+1 +1"),
    ]
    top = len(SIGNALS) * 1.5
    for at, (low, high, text) in enumerate(spans):
        axes.axvspan(low, high, color=("#f5e6cc", "#e3f0d8")[at % 2], alpha=0.6, linewidth=0)
        axes.text((low + high) / 2, top, text, ha="center", va="bottom", fontsize=8)


def _tiles(axes: Axes, cycles: list[dict[str, str]], path: str, length: int) -> None:
    """Which tile a signal is up for: the two live ones, `length` cycles each."""
    begin = [cycle[path] for cycle in cycles].index("1")
    low = 1.5 * (len(SIGNALS) - 1 - list(SIGNALS).index(path))
    for tile, start in ((0, begin), (2, begin + length)):
        axes.vlines(start, low, low + 1, color="#1f4e79")
        axes.text(start + length / 2, low + 0.5, f"tile {tile}", ha="center", va="center", fontsize=7)


if __name__ == "__main__":
    sys.exit(main())
