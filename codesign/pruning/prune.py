"""From a task to a plan: choose what goes, then mend what is left."""

from __future__ import annotations

from codesign.pruning.calibration import Stat
from codesign.pruning.catalogue import build, installed
from codesign.pruning.check import check_structure
from codesign.pruning.methods import METHODS, Method
from codesign.pruning.plan import PrunePlan
from codesign.pruning.repair import REPAIRS, RepairMethod
from codesign.pruning.spec import PruneSpec
from codesign.pruning.task import Task


def prune(task: Task) -> PrunePlan:
    """What the spec's method removes, mended by the spec's repair; the model itself is not touched.

    At ratio 0 nothing goes: the plan has no masks, and the model stays dense.
    """
    chooser, mender = method(task.spec), repair(task.spec)
    if task.spec.ratio == 0:
        return PrunePlan(task.spec, {}, scope_parameters=task.scope_parameters)
    needs = chooser.needs | (mender.needs if mender else frozenset())
    task.facts.expect(gram=Stat.GRAM in needs)
    plan = chooser.plan(task)
    if plan.removals and task.calibration:
        check_structure(task.model, plan.removals, task.calibration[0])
    return mender.repair(task, plan) if mender else plan


def method(spec: PruneSpec) -> Method:
    """The method that the spec names, with its options."""
    table = METHODS | installed("codesign.methods", Method)  # type: ignore[type-abstract]  # only for issubclass
    return build("method", table, spec.method, spec.options)


def repair(spec: PruneSpec) -> RepairMethod | None:
    """The repair that the spec names, with its options; None where it asks for none."""
    return None if spec.repair == "none" else build("repair", REPAIRS, spec.repair, spec.repair_options)
