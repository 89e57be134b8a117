"""FLAP: a channel that hardly fluctuates can be replaced by its mean.

An et al., Fluctuation-based Adaptive Structured Pruning for Large Language Models, AAAI 2024, arXiv:2312.11983,
sections 3.1 to 3.3; where the released code (CASIA-IVA-Lab/FLAP, commit 3bb57db) differs, an option says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from codesign.pruning.arrays import Array, checked_ratio, finite
from codesign.pruning.calibration import Stat
from codesign.pruning.methods.base import ScoreMethod
from codesign.pruning.plan import PrunePlan
from codesign.pruning.ranking import Scores
from codesign.pruning.repair.bias import Bias
from codesign.pruning.task import LayerView, Task
from codesign.pruning.units import UnitGroup

Metric = Literal["wifv", "ifv", "wifn"]


def wifv(weight: Array, inputs: Array) -> Array:
    """(in,): sample variance (n - 1) of each input column times the squared norm of its weight column.

    Weight (out, in); inputs (samples, in), further dimensions in front are rows as well. If inputs were uncorrelated,
    it is what replacing the input by its mean adds to the squared error of the output.
    """
    rows = inputs.reshape(-1, inputs.shape[-1])
    if len(rows) < 2:
        raise ValueError(f"flap: inputs: a sample variance wants two samples, but {len(rows)} came")
    distance = rows - rows.mean(0)
    score: Array = (distance * distance).sum(0) / (len(rows) - 1) * (weight * weight).sum(0)
    return finite(score, "flap")


def bias_compensation(weight: Array, mean: Array, keep: Array) -> Array:
    """(out,): what the inputs that go gave on average. Weight (out, in), mean (in,), keep (in,): true where one lives.

    Section 3.3: W x = W_keep x_keep + W_gone x_gone, and the last is near W_gone mean_gone.
    """
    bias: Array = weight @ (mean * (keep == 0))
    return bias


def standardise(scores: Array) -> Array:
    """Along the last dimension: mean 0, standard deviation 1 (of the population, as published); all 0 if all alike."""
    distance = scores - scores[..., :1]  # from the first, so that what is alike is 0 and not what rounding leaves
    distance = finite(distance - distance.mean(-1)[..., None], "flap")
    spread = (distance * distance).mean(-1)[..., None] ** 0.5
    result: Array = distance / (spread + (spread == 0))
    return result


def global_keep(scores: Sequence[Array], costs: Sequence[Array | float], ratio: float) -> list[Array]:
    """Keep masks by the paper's search over all layers together: the threshold is the score at which the cost of all
    that score as high comes nearest to 1 - ratio of the whole; what scores above it stays.

    Scores and costs are by group (a layer's heads, a layer's neurons); a group's cost is one number or one for each.
    """
    checked_ratio(ratio, "flap")
    sizes = [np.broadcast_to(np.asarray(c, np.float64), np.shape(one)) for c, one in zip(costs, scores, strict=True)]
    pooled = finite(np.concatenate([np.asarray(one, np.float64).ravel() for one in scores]), "flap")
    order = pooled.argsort(kind="stable")[::-1]
    spent = np.concatenate([size.ravel() for size in sizes])[order].cumsum()
    threshold = pooled[order[np.abs(spent - (1 - ratio) * spent[-1]).argmin()]]
    return [one > threshold if ratio > 0 else one == one for one in scores]  # nothing goes at ratio 0


class Flap(ScoreMethod):
    """Scores are standardised within each layer and kind of unit; heads take the mean of their channels.

    Under global ranking it is the paper's adaptive search over layers and modules (AL-AM), under ranking by layer its
    uniform one (UL-UM). Costs are exact, also for query heads that share a kv head.
    """

    needs: ClassVar[frozenset[Stat]] = frozenset({Stat.INPUTS})
    metric: Metric = "wifv"
    square_attention: bool = True  # as released: scores of attention channels are squared before standardising
    bias: bool = True  # the mean of what goes is added to the bias; another repair, if asked for, takes its place

    def score(self, layer: LayerView) -> Tensor:
        """(out, in): each weight's share of the column score."""
        weight, stats = layer.weight, layer.stats
        if self.metric == "wifv":
            return weight.square().mul_(stats.variance.to(weight))
        if self.metric == "ifv":
            return torch.ones_like(weight).mul_(stats.variance.to(weight))
        return weight.abs().mul_((stats.norm / sqrt(stats.rows)).to(weight))

    def column_score(self, layer: LayerView) -> Tensor:
        """(in,) the score of the paper."""
        columns = self.score(layer).double()
        return columns.sum(0) if self.metric == "wifv" else columns.mean(0)

    def between_layers(self, scores: Tensor) -> Tensor:
        """Over the blocks of one layer."""
        return standardise(scores.double().flatten()).view_as(scores)

    def unit_scores(self, task: Task, groups: Sequence[UnitGroup]) -> dict[str, Scores]:
        """Channels are standardised first, then averaged over a head."""
        views = task.views(self.needs)
        return {group.name: self._unit_score(task, group, views).cpu().numpy() for group in groups}

    def _unit_score(self, task: Task, group: UnitGroup, views: dict[str, LayerView]) -> Tensor:
        power = 2 if self.square_attention and group.kind in ("query_head", "kv_group") else 1
        readers = (views[part.module] for part in group.readers(task.model) if part.module in views)
        channels = [standardise(self.column_score(reader).pow(power)) for reader in readers]
        return torch.stack([scores.reshape(group.count, -1).mean(1) for scores in channels]).mean(0)

    def plan(self, task: Task) -> PrunePlan:
        """What hardly fluctuates goes, and its mean stays as a bias."""
        plan = super().plan(task)
        return Bias().repair(task, plan) if self.bias and task.spec.repair == "none" else plan
