"""Cycles by kind of layer, dense beside pruned."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codesign.report.figures.chosen import showcase
from codesign.report.results import Results
from codesign.report.style import PALETTE, WIDTH_IN

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

SHOWN = 10


def layers(results: Results, workload: str) -> Figure | None:
    """One panel for the smallest array and one for the largest."""
    import matplotlib.pyplot as plt

    chosen = showcase(results, workload)
    if not chosen:
        return None
    chosen = [chosen[0], chosen[-1]] if len(chosen) > 1 else chosen
    figure, panels = plt.subplots(1, len(chosen), figsize=(WIDTH_IN, 3.6), squeeze=False, sharey=True)
    shown = by_kind(chosen[0][1]).index[: SHOWN - 1]
    for axes, (row, table) in zip(panels[0], chosen, strict=True):
        groups = by_kind(table)
        rest = groups[~groups.index.isin(shown)].sum()
        groups = groups.reindex(shown, fill_value=0)
        if rest["cycles_dense"]:
            groups.loc["all others"] = rest
        at = range(len(groups))
        axes.barh([i - 0.2 for i in at], groups["cycles_dense"] / 1e6, 0.38, color="#b8b8b8", label="dense")
        axes.barh([i + 0.2 for i in at], groups["cycles"] / 1e6, 0.38, color=PALETTE[0], label="pruned")
        for i, (before, after) in enumerate(zip(groups["cycles_dense"], groups["cycles"], strict=True)):
            if after < before:
                text = f" −{(1 - after / before) * 100:.0f} %"
                axes.annotate(text, (after / 1e6, i + 0.2), va="center", fontsize=6.5)
        axes.set_yticks(list(at), list(groups.index))
        axes.grid(axis="y", visible=False)
        axes.set_xlabel("Million cycles")
        axes.set_title(f"{row['array']} array, {row['pruned_ratio'] * 100:.0f} % removed")
        axes.set_xlim(right=axes.get_xlim()[1] * 1.08)
    panels[0, 0].invert_yaxis()
    figure.suptitle(chosen[0][0]["kind"], fontsize=8.5)
    figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


def by_kind(table: pd.DataFrame) -> pd.DataFrame:
    """Cycles of layers that differ only in their number, the largest first."""
    kind = table["name"].map(kind_of).where(table["kind"] == "gemm", "host: " + table["name"].map(kind_of))
    groups = table.assign(group=kind).groupby("group")[["cycles", "cycles_dense"]].sum()
    return groups.sort_values("cycles_dense", ascending=False)


def kind_of(name: str) -> str:
    """`model.encoder.layers.3.fc1` is `encoder fc1`: numbers go, and of the path the first and the last word stay."""
    words = [
        word
        for word in re.split(r"[./ ]", name)
        if word and not word.isdigit() and word not in ("model", "layers", "layer", "blocks")
    ]
    return " ".join(dict.fromkeys((words[0], *words[-2:]))) if words else name
