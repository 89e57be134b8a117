"""Energy against quality, and energy beside the dense model's on the same machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesign.report.figures.marks import legend, scatter
from codesign.report.figures.tradeoff import judged
from codesign.report.results import Results, on_front
from codesign.report.scales import QualityScale
from codesign.report.style import WIDTH_IN, plain_log

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PANELS = (
    ("energy_uj", "Energy of the request (mJ)", "All arrays, one axis"),
    ("energy_ratio", "Energy / energy of the dense model, same array", "Each array against itself"),
)


def energy(results: Results, workload: str) -> Figure | None:
    """Quality over energy, absolute and relative; each panel with its own front."""
    import matplotlib.pyplot as plt

    rows = judged(results, workload)
    scale = QualityScale.of(rows)
    if scale is None or rows["energy_uj"].isna().any():
        return None
    figure, panels = plt.subplots(1, 2, figsize=(WIDTH_IN, 3.6), sharey=True)
    for axes, (column, label, title) in zip(panels, _PANELS, strict=True):
        front = on_front(rows, (column, "quality"))
        shown = rows.assign(energy_uj=rows["energy_uj"] / 1000)
        scatter(axes, shown, column, scale, front)
        axes.set_xlabel(label)
        axes.set_title(title)
    values = rows["energy_uj"].to_numpy(float) / 1000
    if values.max() > 3 * values.min():
        plain_log(panels[0], "x", values.min() / 1.2, values.max() * 1.2)
    scale.draw_axis(panels[0], rows)
    legend(figure, rows)
    return figure
