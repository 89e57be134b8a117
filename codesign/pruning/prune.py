"""From a task to a plan: choose what goes, then mend what is left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from codesign.pruning.calibration import Stat
from codesign.pruning.catalogue import build, installed
from codesign.pruning.check import check_structure
from codesign.pruning.methods import METHODS, Method
from codesign.pruning.plan import PrunePlan
from codesign.pruning.ranking import UnreachableError
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


def prune_to(task: Task, cost: Callable[[PrunePlan], float], target: float, steps: int = 12) -> PrunePlan:
    """The plan with the lowest ratio found whose cost is at most `target`; the spec's own ratio is not looked at.

    `cost` falls as more goes: cycles on a machine, say, which pruning knows nothing of. The ratio is bisected `steps`
    times, each time with a plan and its cost; what calibration says is gathered once.
    """
    best: PrunePlan | None = None
    low, high = 0.0, 1.0
    for _ in range(steps):
        middle = (low + high) / 2
        try:
            plan = prune(task.asked(replace(task.spec, ratio=middle)))
        except UnreachableError:
            high = middle
            continue
        if cost(plan) <= target:
            best, high = plan, middle
        else:
            low = middle
    if best is None:
        raise UnreachableError(
            f"prune: budget: a cost of {target:.6g} cannot be reached; at ratio {low:.3f} it is still more"
        )
    return best


def method(spec: PruneSpec) -> Method:
    """The method that the spec names, with its options."""
    table = METHODS | installed("codesign.methods", Method)  # type: ignore[type-abstract]  # only for issubclass
    return build("method", table, spec.method, spec.options)


def repair(spec: PruneSpec) -> RepairMethod | None:
    """The repair that the spec names, with its options; None where it asks for none."""
    return None if spec.repair == "none" else build("repair", REPAIRS, spec.repair, spec.repair_options)
