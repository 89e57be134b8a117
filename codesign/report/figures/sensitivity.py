"""How the speed-up would move if everything on the host cost half, or double."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesign.report.figures.chosen import showcase
from codesign.report.results import Results
from codesign.report.style import PALETTE, WIDTH_IN

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

FACTORS = (0.5, 1.0, 2.0)


def sensitivity(results: Results, workload: str) -> Figure | None:
    """Left, the host's share of the cycles; right, the speed-up, both at 0.5x, 1x, 2x."""
    import matplotlib.pyplot as plt

    chosen = showcase(results, workload)
    if not chosen or not any(table["host_cycles"].sum() for _, table in chosen):
        return None
    figure, (shares, speeds) = plt.subplots(1, 2, figsize=(WIDTH_IN, 2.9))
    for factor, colour, offset in zip(FACTORS, (PALETTE[5], PALETTE[0], PALETTE[1]), (-0.26, 0, 0.26), strict=True):
        at = [i + offset for i in range(len(chosen))]
        label = f"host x {factor:g}"
        shares.bar(at, [host_share(table, factor) * 100 for _, table in chosen], 0.24, color=colour, label=label)
        speeds.bar(at, [speedup(table, factor) for _, table in chosen], 0.24, color=colour)
    names = [f"{row['array']}\n{row['pruned_ratio'] * 100:.0f} %" for row, _ in chosen]
    for axes, label in ((shares, "Host's share of the cycles (%)"), (speeds, "Speed-up, same array (x)")):
        axes.set_xticks(range(len(chosen)), names)
        axes.set_ylabel(label)
        axes.grid(axis="x", visible=False)
    speeds.set_ylim(bottom=0.9)
    figure.legend(*shares.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def _cycles(table: pd.DataFrame, suffix: str, factor: float) -> float:
    """Layers follow each other, so the host's cycles scale and nothing else moves."""
    host = float(table[f"host_cycles{suffix}"].sum())
    return float(table[f"cycles{suffix}"].sum()) + (factor - 1) * host


def host_share(table: pd.DataFrame, factor: float) -> float:
    """Of the pruned model's cycles."""
    return factor * float(table["host_cycles"].sum()) / _cycles(table, "", factor)


def speedup(table: pd.DataFrame, factor: float) -> float:
    """Dense over pruned."""
    return _cycles(table, "_dense", factor) / _cycles(table, "", factor)
