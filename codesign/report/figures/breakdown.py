"""Energy by component, dense beside pruned, on every array."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesign.report.figures.chosen import showcase
from codesign.report.results import Results
from codesign.report.style import PALETTE, WIDTH_IN

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COMPONENTS = ("mac", "register", "sram", "dram", "host", "leakage")


def breakdown(results: Results, workload: str) -> Figure | None:
    """Stacked bars in mJ; left of each pair the dense model, right the pruned one."""
    import matplotlib.pyplot as plt

    chosen = showcase(results, workload)
    if not chosen:
        return None
    figure, axes = plt.subplots(figsize=(WIDTH_IN, 3.2))
    for at, (row, layers) in enumerate(chosen):
        for side, suffix in ((-0.2, "_dense"), (0.2, "")):
            base = 0.0
            for colour, component in zip(PALETTE, COMPONENTS, strict=False):
                height = float(layers[f"{component}_pj{suffix}"].sum()) * 1e-9
                axes.bar(
                    at + side,
                    height,
                    0.36,
                    bottom=base,
                    color=colour,
                    label=component,
                    hatch="" if suffix else "//",
                    edgecolor="white",
                    linewidth=0.3,
                )
                base += height
        axes.annotate(
            f"−{(1 - row['energy_ratio']) * 100:.0f} %", (at + 0.2, base), ha="center", va="bottom", fontsize=7
        )
    axes.set_xticks(
        range(len(chosen)), [f"{row['array']}\n{row['pruned_ratio'] * 100:.0f} % pruned" for row, _ in chosen]
    )
    axes.set_ylabel("Energy of the request (mJ)")
    axes.grid(axis="x", visible=False)
    handles, names = axes.get_legend_handles_labels()
    first = dict(zip(names, handles, strict=True))
    figure.legend(
        first.values(), first.keys(), loc="outside right upper", title="left: dense\nright: pruned", title_fontsize=7.5
    )
    return figure
