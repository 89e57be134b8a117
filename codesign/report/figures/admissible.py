"""How much may go before quality falls by 1, 2 or 5 points, for each tile size, and what that is worth in speed."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from codesign.report.figures.tradeoff import judged
from codesign.report.labels import kinds
from codesign.report.results import Results
from codesign.report.scales import QualityScale
from codesign.report.style import WIDTH_IN, colours, columns, markers

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

LOSSES = (1.0, 2.0, 5.0)


def admissible(results: Results, workload: str) -> Figure | None:
    """Above, the rate that keeps each loss; below, the speed-up at that rate; over the side of block and array."""
    import matplotlib.pyplot as plt

    table = admissible_table(judged(results, workload))
    if table is None or table["block"].nunique() < 2:
        return None
    figure, panels = plt.subplots(2, len(LOSSES), figsize=(WIDTH_IN, 4.4), sharex=True, sharey="row")
    blocks = sorted(table["block"].unique())
    names = kinds(judged(results, workload))
    hue, shape = colours(names), markers(names)
    for (top, bottom), loss in zip(panels.T, LOSSES, strict=True):
        for method, part in table[table["loss"] == loss].groupby("method"):
            part = part.sort_values("block")
            at = [blocks.index(block) for block in part["block"]]
            top.plot(at, part["rate"] * 100, marker=shape[method], color=hue[method], label=method)
            bottom.plot(at, part["speedup"], marker=shape[method], color=hue[method])
        unit = lost_unit(judged(results, workload))
        top.set_title(f"{loss:g} {unit if loss != 1 else unit.replace('points', 'point')} lost")
        bottom.set_xticks(range(len(blocks)), [f"{block}×{block}" for block in blocks])
        bottom.set_xlabel("Block = array")
    panels[0, 0].set_ylabel("Admissible rate (%)")
    panels[0, 0].set_ylim(bottom=0)
    panels[1, 0].set_ylabel("Speed-up there (x)")
    handles, names = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=columns(names))
    return figure


def lost_unit(rows: pd.DataFrame) -> str:
    """What the losses are counted in."""
    scale = QualityScale.of(rows)
    return "" if scale is None else scale.lost_unit


def admissible_table(rows: pd.DataFrame) -> pd.DataFrame | None:
    """Columns method, block, loss, rate, speedup: square blocks on the array of their own size.

    Between measured rates loss and speed-up are taken as straight lines; beyond the last measured rate nothing is
    said, so a curve that never crosses stops at the largest rate measured. Rate 0 is the dense model.
    """
    import pandas as pd

    scale = QualityScale.of(rows)
    if scale is None:
        return None
    square = rows["block_rows"] == rows["block_cols"]
    own = (rows["array_cols"] == rows["block_rows"]) & (rows["array_rows"] == rows["block_cols"])
    rows = rows[square & own].copy()
    rows["lost"] = scale.lost(rows)
    found = []
    for (method, block), part in rows[rows["pruned_ratio"] > 0].groupby(["kind", "block_rows"], sort=False):
        means = part.groupby("pruned_ratio", sort=True)[["lost", "speedup"]].mean()  # of its seeds
        curve = list(zip(means.index, means["lost"], means["speedup"], strict=True))
        for loss in LOSSES:
            rate, speedup = crossing([(0.0, 0.0, 1.0), *curve], loss)
            found.append({"method": method, "block": int(block), "loss": loss, "rate": rate, "speedup": speedup})
    return pd.DataFrame(found) if found else None


def crossing(curve: list[tuple[float, float, float]], loss: float) -> tuple[float, float]:
    """(rate, speedup) where `lost` first passes `loss`, on straight lines through (rate, lost, speedup)."""
    for (rate, lost, speedup), (next_rate, next_lost, next_speedup) in pairwise(curve):
        if next_lost > loss:
            share = float(np.clip((loss - lost) / (next_lost - lost), 0, 1))
            return rate + share * (next_rate - rate), speedup + share * (next_speedup - speedup)
    return curve[-1][0], curve[-1][2]
