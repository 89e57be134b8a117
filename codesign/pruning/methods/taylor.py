"""Taylor: what the loss would change, to first order, if the weight were zero.

Molchanov et al., Importance Estimation for Neural Network Pruning, CVPR 2019, arXiv:1906.10771, section 3; for coupled
rows and columns as in Ma et al., LLM-Pruner, NeurIPS 2023, arXiv:2305.11627, section 3.2 (its element-wise form).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor

from codesign.pruning.calibration import Stat
from codesign.pruning.methods.base import ScoreMethod
from codesign.pruning.ranking import Scores
from codesign.pruning.task import LayerView, Task
from codesign.pruning.units import UnitGroup


class Taylor(ScoreMethod):
    """|w * dL/dw|, L the mean calibration loss; a unit's score is the mean over all weights that go with it."""

    needs: ClassVar[frozenset[Stat]] = frozenset({Stat.GRADIENT})

    def score(self, layer: LayerView) -> Tensor:
        """(out, in)."""
        assert layer.gradient is not None, f"layer {layer.name}: the method said that it needs gradients"
        return (layer.weight * layer.gradient).abs_()

    def unit_scores(self, task: Task, groups: Sequence[UnitGroup]) -> dict[str, Scores]:
        """(count,) by group, over rows and columns alike."""
        elements = {name: self.score(view) for name, view in task.views(self.needs).items()}
        return {group.name: _mean_over_parts(group, elements).double().cpu().numpy() for group in groups}


def _mean_over_parts(group: UnitGroup, elements: dict[str, Tensor]) -> Tensor:
    parts = [(part, elements[part.module]) for part in group.parts if part.module in elements]
    owned = [(scores if part.side == "out" else scores.T).reshape(group.count, -1) for part, scores in parts]
    return torch.cat(owned, 1).mean(1)
