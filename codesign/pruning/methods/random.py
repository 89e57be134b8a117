"""Random: the baseline that any score has to beat."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from codesign.pruning.blocks import Block
from codesign.pruning.methods.base import RankingMethod
from codesign.pruning.ranking import Scores
from codesign.pruning.task import Task
from codesign.pruning.units import UnitGroup


class Random(RankingMethod):
    """A number drawn for each block or unit from the spec's seed."""

    def block_scores(self, task: Task, block: Block) -> dict[str, Scores]:
        """Uniform in [0, 1)."""
        rng = np.random.default_rng(task.spec.seed)
        return {name: rng.random(block.grid(view.shape)) for name, view in task.views().items()}

    def unit_scores(self, task: Task, groups: Sequence[UnitGroup]) -> dict[str, Scores]:
        """Uniform in [0, 1)."""
        rng = np.random.default_rng(task.spec.seed)
        return {group.name: rng.random(group.count) for group in groups}
