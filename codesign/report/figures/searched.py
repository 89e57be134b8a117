"""What a search has found after each evaluation, against chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from codesign.report.results import Results
from codesign.report.searches import histories
from codesign.report.style import GREY, PALETTE, WIDTH_IN

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def searched(results: Results, workload: str) -> Figure | None:
    """Hypervolume over evaluations; once a store, with its first workload."""
    import matplotlib.pyplot as plt

    if workload != results.workloads[0]:
        return None
    told, whole = histories(results.folder)
    if not told:
        return None
    figure, axes = plt.subplots(figsize=(WIDTH_IN * 0.7, 3.2))
    for (way, history), colour in zip(told, PALETTE, strict=False):
        hue = GREY if way.sampler == "random" else colour
        label = f"{way.sampler} ({way.skipped} skipped)" if way.skipped else way.sampler
        axes.step(np.arange(1, len(history) + 1), history, where="post", color=hue, label=label)
    if whole is not None:
        axes.axhline(whole, color="black", linewidth=0.8, linestyle=":", label="all rows of the store")
    axes.set_xlabel("Evaluations")
    axes.set_ylabel(f"Hypervolume ({', '.join(told[0][0].objectives)})", fontsize=7)
    axes.legend(loc="lower right")
    return figure
