"""Pruning: a model and a spec become a plan, which says what goes and what is mended. Knows blocks, never an array."""

from __future__ import annotations

from codesign.pruning.blocks import Block, BlockMask
from codesign.pruning.calibration import Stat
from codesign.pruning.catalogue import Member
from codesign.pruning.methods import METHODS
from codesign.pruning.methods.base import Method, ScoreMethod
from codesign.pruning.plan import PrunePlan, Repair
from codesign.pruning.prune import method, prune, prune_to, repair
from codesign.pruning.ranking import UnreachableError
from codesign.pruning.repair import REPAIRS
from codesign.pruning.repair.base import RepairMethod
from codesign.pruning.spec import PruneSpec
from codesign.pruning.structure import structure
from codesign.pruning.task import LayerView, Task
from codesign.pruning.units import Kind, Part, Removal, UnitGroup

__all__ = [
    "METHODS",
    "REPAIRS",
    "Block",
    "BlockMask",
    "Kind",
    "LayerView",
    "Member",
    "Method",
    "Part",
    "PrunePlan",
    "PruneSpec",
    "Removal",
    "Repair",
    "RepairMethod",
    "ScoreMethod",
    "Stat",
    "Task",
    "UnitGroup",
    "UnreachableError",
    "method",
    "prune",
    "prune_to",
    "repair",
    "structure",
]
