"""Latency, area, and both: so that a 4x4 and a 32x32 array are compared fairly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from codesign.report.figures.marks import legend, scatter
from codesign.report.figures.tradeoff import judged
from codesign.report.results import Results, front_of, wish
from codesign.report.scales import QualityScale
from codesign.report.style import WIDTH_IN, plain_log

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PANELS = (
    ("latency_ms", "Latency (ms)"),
    ("area_mm2", "Area of array and SRAM (mm²)"),
    ("area_latency", "Area × latency (mm² ms)"),
)


def fairness(results: Results, workload: str) -> Figure | None:
    """Quality over latency, over area, and over their product; each panel with its own front."""
    import matplotlib.pyplot as plt

    rows = judged(results, workload)
    scale = QualityScale.of(rows)
    if scale is None or rows["area_mm2"].isna().any():
        return None
    rows["area_latency"] = rows["area_mm2"] * rows["latency_ms"]
    figure, panels = plt.subplots(1, 3, figsize=(WIDTH_IN, 3.3), sharey=True)
    for axes, (column, label) in zip(panels, _PANELS, strict=True):
        scatter(
            axes,
            rows,
            column,
            scale,
            front_of(rows, np.column_stack([rows[column].to_numpy(float), wish("quality").losses(rows)])),
        )
        values = rows[column].to_numpy(float)
        if values.max() > 3 * values.min():
            plain_log(axes, "x", values.min() / 1.3, values.max() * 1.3)
        axes.set_xlabel(label)
    scale.draw_axis(panels[0], rows)
    legend(figure, rows)
    return figure
