"""Prune real transformers in blocks that match a systolic array, simulate what that saves, see the trade.

    import codesign
    workload = codesign.load_workload("speech")
    plan = codesign.prune(workload, method="magnitude", ratio=0.3, block=(16, 16), seed=0)
    quality = codesign.evaluate(workload, plan)
    program = codesign.lower(workload, plan)
    codesign.sweep(space, store="results/mine")

Importing this imports neither torch nor pandas: each name is fetched when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from codesign.torch_companions import allow_any_torch

if TYPE_CHECKING:
    from codesign.explore.facade import evaluate, load_workload, lower, prune, sweep
    from codesign.explore.space import Space
    from codesign.workloads.base import Workload

__all__ = ["Space", "Workload", "evaluate", "load_workload", "lower", "prune", "sweep"]

_HOME = dict.fromkeys(("evaluate", "load_workload", "lower", "prune", "sweep"), "codesign.explore.facade") | {
    "Space": "codesign.explore.space",
    "Workload": "codesign.workloads.base",
}

allow_any_torch()


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'codesign' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
