"""Roofline: what each layer does a cycle against what it does a byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from codesign.report.figures.chosen import showcase
from codesign.report.results import Results
from codesign.report.style import WIDTH_IN, colours

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def roofline(results: Results, workload: str) -> Figure | None:
    """Products only; the roof of each array in its colour."""
    import matplotlib.pyplot as plt

    chosen = showcase(results, workload)
    if not chosen or "peak_dram_bytes_per_cycle" not in chosen[0][1]:
        return None
    figure, axes = plt.subplots(figsize=(WIDTH_IN * 0.75, 3.6))
    hue = colours(row["array"] for row, _ in chosen)
    for row, table in chosen:
        products = table[(table["kind"] == "gemm") & (table["cycles"] > 0)]
        moved = (products["dram_read_bytes"] + products["dram_write_bytes"]).to_numpy(float)
        done = (products["macs"] - products["macs_skipped"]).to_numpy(float)
        keep = (moved > 0) & (done > 0)
        colour = hue[row["array"]]
        axes.scatter(
            done[keep] / moved[keep], (done / products["cycles"])[keep], s=12, color=colour, alpha=0.7, linewidths=0
        )
        peak = float(row["array_rows"]) * float(row["array_cols"])
        feed = float(table["peak_dram_bytes_per_cycle"].iloc[0])
        span = np.geomspace(0.1, 1e4, 200)
        axes.plot(span, np.minimum(peak, span * feed), color=colour, label=f"{row['array']} array")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(0.1, 1e4)
    axes.set_xlabel("MACs executed a byte of DRAM traffic")
    axes.set_ylabel("MACs executed a cycle")
    axes.legend(loc="lower right")
    return figure
