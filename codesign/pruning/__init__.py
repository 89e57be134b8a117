"""Pruning: a model and a spec become a plan, which says what goes and what is mended. Knows blocks, never an array."""

from __future__ import annotations

from codesign.pruning.blocks import Block, BlockMask
from codesign.pruning.calibration import Stat
from codesign.pruning.catalogue import Member
from codesign.pruning.methods import METHODS
from codesign.pruning.methods.base import Method, ScoreMethod
from codesign.pruning.plan import PrunePlan, Repair
from codesign.pruning.prune import method, prune, repair
from codesign.pruning.repair import REPAIRS
from codesign.pruning.repair.base import RepairMethod
from codesign.pruning.spec import PruneSpec
from codesign.pruning.task import LayerView, Task

__all__ = [
    "METHODS",
    "REPAIRS",
    "Block",
    "BlockMask",
    "LayerView",
    "Member",
    "Method",
    "PrunePlan",
    "PruneSpec",
    "Repair",
    "RepairMethod",
    "ScoreMethod",
    "Stat",
    "Task",
    "method",
    "prune",
    "repair",
]
