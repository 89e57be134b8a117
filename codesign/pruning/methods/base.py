"""What a pruning method is, and the larger part of it that all methods which score weights share.

* `plan(task)` returns a plan; it never writes into the model.
* the same task gives the same plan, seed included;
* what it reads of calibration stands in `needs`;
* its options are its pydantic fields: unknown or ill-typed ones are refused when it is built.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor

from codesign.pruning.blocks import Block, BlockMask
from codesign.pruning.calibration import Stat
from codesign.pruning.layers import matrix_shape
from codesign.pruning.plan import PrunePlan
from codesign.pruning.ranking import Scores, keep
from codesign.pruning.task import LayerView, Task


class Method(BaseModel, ABC):
    """One way of choosing what goes; its fields are the options it takes."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    needs: ClassVar[frozenset[Stat]] = frozenset()

    @abstractmethod
    def plan(self, task: Task) -> PrunePlan:
        """What goes."""


class RankingMethod(Method):
    """A method that gives each block a score, once; the low ones go first."""

    @abstractmethod
    def scores(self, task: Task, block: Block) -> dict[str, Scores]:
        """(block_rows, block_cols) by layer, comparable between layers."""

    def plan(self, task: Task) -> PrunePlan:
        """The blocks with the lowest scores go."""
        block = task.spec.block
        if block is None:
            raise ValueError("prune: block: none is given, but the method removes blocks")
        shapes = {name: matrix_shape(layer) for name, layer in task.layers.items()}
        sizes = {name: block.sizes(shape) for name, shape in shapes.items()}
        alive = keep(self.scores(task, block), sizes, task.spec.ratio, task.spec.ranking)
        masks = {name: BlockMask(alive[name], block, shape) for name, shape in shapes.items()}
        return PrunePlan(task.spec, masks, scope_parameters=task.scope_parameters)


class ScoreMethod(RankingMethod):
    """A method that gives each weight a score; a block's is their mean."""

    @abstractmethod
    def score(self, layer: LayerView) -> Tensor:
        """(out, in), >= 0."""

    def block_score(self, layer: LayerView, block: Block) -> Tensor:
        """(block_rows, block_cols): what a weight of the block is worth on average; ragged edges are on a par."""
        sizes = torch.from_numpy(block.sizes(layer.shape)).to(layer.weight)
        return block.sum(self.score(layer)) / sizes

    def between_layers(self, scores: Tensor) -> Tensor:
        """One layer's scores made comparable with another's, for global ranking."""
        return scores

    def scores(self, task: Task, block: Block) -> dict[str, Scores]:
        """Block scores by layer, ready to be ranked."""
        return {
            name: self.between_layers(self.block_score(layer, block)).double().cpu().numpy()
            for name, layer in task.views(self.needs).items()
        }
