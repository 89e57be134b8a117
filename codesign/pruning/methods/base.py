"""What a pruning method is, and the larger part of it that all methods which score share.

* `plan(task)` returns a plan; it never writes into the model.
* the same task gives the same plan, seed included;
* what it reads of calibration stands in `needs`;
* its options are its pydantic fields: unknown or ill-typed ones are refused when it is built.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor

from codesign.pruning.blocks import Block
from codesign.pruning.calibration import Stat
from codesign.pruning.plan import PrunePlan
from codesign.pruning.ranking import Scores
from codesign.pruning.task import LayerView, Task
from codesign.pruning.units import UnitGroup


class Method(BaseModel, ABC):
    """One way of choosing what goes; its fields are the options it takes."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    needs: ClassVar[frozenset[Stat]] = frozenset()

    @abstractmethod
    def plan(self, task: Task) -> PrunePlan:
        """What goes."""


class RankingMethod(Method):
    """A method that gives each block or unit a score, once; the low ones go first."""

    @abstractmethod
    def block_scores(self, task: Task, block: Block) -> dict[str, Scores]:
        """(block_rows, block_cols) by layer, comparable between layers."""

    @abstractmethod
    def unit_scores(self, task: Task, groups: Sequence[UnitGroup]) -> dict[str, Scores]:
        """(count,) by group, comparable between groups."""

    def plan(self, task: Task) -> PrunePlan:
        """The blocks or units with the lowest scores go."""
        block = task.spec.block
        return task.drop_lowest(self.block_scores(task, block) if block else self.unit_scores(task, task.groups))


class ScoreMethod(RankingMethod):
    """A method that gives each weight a score. A block's is the mean of its weights', a unit's that of its columns'."""

    @abstractmethod
    def score(self, layer: LayerView) -> Tensor:
        """(out, in), >= 0."""

    def block_score(self, layer: LayerView, block: Block) -> Tensor:
        """(block_rows, block_cols): what a weight of the block is worth on average; ragged edges are on a par."""
        return block.mean(self.score(layer))

    def column_score(self, layer: LayerView) -> Tensor:
        """(in,): what an input column is worth to the layer that reads it."""
        return self.score(layer).mean(0)

    def between_layers(self, scores: Tensor) -> Tensor:
        """One layer's scores made comparable with another's, for global ranking."""
        return scores

    def block_scores(self, task: Task, block: Block) -> dict[str, Scores]:
        """Each layer's blocks by themselves, then made comparable."""
        return {
            name: _numbers(self.between_layers(self.block_score(layer, block)))
            for name, layer in task.views(self.needs).items()
        }

    def unit_scores(self, task: Task, groups: Sequence[UnitGroup]) -> dict[str, Scores]:
        """Mean column score of each unit over the layers that read it, then made comparable."""
        views = task.views(self.needs)
        return {group.name: _numbers(self.between_layers(self._unit_score(task, group, views))) for group in groups}

    def _unit_score(self, task: Task, group: UnitGroup, views: dict[str, LayerView]) -> Tensor:
        readers = [views[part.module] for part in group.readers(task.model) if part.module in views]
        columns = [self.column_score(reader).reshape(group.count, -1).mean(1) for reader in readers]
        return torch.stack(columns).mean(0)


def _numbers(scores: Tensor) -> Scores:
    return scores.double().cpu().numpy()
