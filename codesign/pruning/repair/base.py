"""What a repair is: it takes a plan and says which values make up for what went.

* it never writes into the model, and never brings a dead weight back;
* a layer that lost nothing is left as it is;
* what it reads of calibration stands in `needs`; its options are its pydantic fields.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from codesign.pruning.blocks import BlockMask
from codesign.pruning.calibration import Stat
from codesign.pruning.plan import PrunePlan, Repair
from codesign.pruning.task import LayerView, Task


class RepairMethod(BaseModel, ABC):
    """One way of mending pruned layers; its fields are the options it takes."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    needs: ClassVar[frozenset[Stat]] = frozenset()

    @abstractmethod
    def repair(self, task: Task, plan: PrunePlan) -> PrunePlan:
        """The same plan with new values for every layer that lost weights."""


class LayerRepair(RepairMethod):
    """A repair that looks at each layer by itself, with the inputs that the dense model gives it."""

    @abstractmethod
    def mend(self, layer: LayerView, mask: BlockMask) -> Repair:
        """New values for one pruned layer."""

    def repair(self, task: Task, plan: PrunePlan) -> PrunePlan:
        """Layer by layer, in no order."""
        views = task.gram_views() if Stat.GRAM in self.needs else task.views(self.needs).values()
        lost = plan.lost(task.model)
        repairs = {view.name: self.mend(view, lost[view.name]) for view in views if view.name in lost}
        if unmended := (lost.keys() & task.layers.keys()) - repairs.keys():
            raise ValueError(f"prune: repair: the inputs of {min(unmended)} were not measured: a grouped convolution")
        return replace(plan, repairs=repairs)
