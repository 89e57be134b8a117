"""The figures of a report. A new one is a file here and a line in the table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codesign.report.figures.admissible import admissible
from codesign.report.figures.breakdown import breakdown
from codesign.report.figures.energy import energy
from codesign.report.figures.fairness import fairness
from codesign.report.figures.layers import layers
from codesign.report.figures.methods import methods
from codesign.report.figures.roofline import roofline
from codesign.report.figures.searched import searched
from codesign.report.figures.sensitivity import sensitivity
from codesign.report.figures.tradeoff import tradeoff
from codesign.report.figures.used import used

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from codesign.report.results import Results


@dataclass(frozen=True)
class Drawing:
    """One figure for each workload; `draw` gives None where the rows do not hold what it shows."""

    name: str
    title: str
    caption: str
    draw: Callable[[Results, str], Figure | None]


DRAWINGS = (
    Drawing(
        "tradeoff",
        "What speed costs in quality",
        "Each point is a pruned model on an array; bars are 95 % intervals over the samples judged. Left, all arrays "
        "share one axis: latency of the dense model on the reference machine, divided by the point's. Right, each "
        "array against itself with nothing pruned. Rings and the line mark the front: no other point is at least as "
        "good in both and better in one.",
        tradeoff,
    ),
    Drawing(
        "fairness",
        "What an array costs in time and silicon",
        "A large array is faster because it is larger. The same models by the time they take, by the area they take, "
        "and by both: area x latency is what a designer who fills a chip with arrays pays for one answer.",
        fairness,
    ),
    Drawing(
        "admissible",
        "How the admissible pruning rate falls as tiles grow",
        "The largest share of blocks that can go while quality stays within the loss named (read off between measured "
        "rates by straight lines), and the speed-up that it gives on the array of that size.",
        admissible,
    ),
    Drawing(
        "methods",
        "Methods beside each other",
        "Quality against what is removed, against the cycles and against the energy that this saves on each array. "
        "Where several seeds ran, the line is their mean and the band their range.",
        methods,
    ),
    Drawing(
        "used",
        "How much of the removed work the machine could use",
        "Below the dotted line work was removed that the array does all the same: blocks smaller than its tiles, "
        "memory that is waited for, the host.",
        used,
    ),
    Drawing("energy", "What energy costs in quality", "Energy of the whole request, DRAM and host included.", energy),
    Drawing(
        "breakdown",
        "Where the energy goes",
        "Energy of one request by component: on each array the dense model beside the fastest pruned one that has "
        "lost little.",
        breakdown,
    ),
    Drawing(
        "layers",
        "Cycles by layer, dense beside pruned",
        "The request's operations grouped by kind of layer, on the smallest and the largest array. What is not "
        "pruned, and what the host does, bounds the whole speed-up.",
        layers,
    ),
    Drawing(
        "roofline",
        "Roofline",
        "Each layer's executed MACs a cycle against its MACs a byte of DRAM traffic, under the machine's two bounds.",
        roofline,
    ),
    Drawing(
        "sensitivity",
        "What if the host were twice as fast, or half?",
        "Operations wait for each other, so a layer's host cycles scale alone: the speed-up with every host cost at "
        "0.5x and 2x, from the stored layers.",
        sensitivity,
    ),
    Drawing(
        "search",
        "What the search found, against chance",
        "The share of the objectives' box that the designs found so far dominate, after each evaluation. Random search "
        "is the baseline. Skipped proposals were beaten by their bounds, or by their simulated cost, and cost no "
        "evaluation.",
        searched,
    ),
)
