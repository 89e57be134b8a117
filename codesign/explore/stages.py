"""The stages of the trip, each for a workload and a plan: where workloads, pruning and lowering are joined."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, overload

from codesign.explore.complaint import unknown

if TYPE_CHECKING:
    from torch import nn

    from codesign.lowering import Trace
    from codesign.lowering.tracing import Inputs
    from codesign.pruning import PrunePlan, PruneSpec, Task
    from codesign.quality import Quality
    from codesign.workloads import Workload
    from hw_models import Hardware, Program
    from hw_models.simulation import Engine


def prune(workload: Workload, spec: PruneSpec) -> PrunePlan:
    """What goes, by the spec, within the scope that the workload defines; calibrated on its calibration data."""
    return Loaded(workload).prune(spec)


def evaluate(workload: Workload, plan: PrunePlan | None = None, weight_format: str = "fp32") -> Quality:
    """What the workload's model is worth, pruned by the plan, its weights stored in that format."""
    from codesign.quality.formats import with_weight_format

    model = workload.model if plan is None else plan.apply(workload.model)
    return workload.metric(with_weight_format(model, weight_format), workload.data)


@overload
def lower(model: Workload, plan: PrunePlan | None = None, /) -> Program: ...
@overload
def lower(model: Workload, *, plan: PrunePlan | None) -> Program: ...
@overload
def lower(model: nn.Module, inputs: Inputs, plan: PrunePlan | None = None) -> Program: ...
def lower(
    model: Workload | nn.Module, inputs: Inputs | PrunePlan | None = None, plan: PrunePlan | None = None
) -> Program:
    """What a machine executes to serve a workload's request once, or to run any module once on example inputs.

    `inputs`: a tensor, a tuple of arguments, a mapping of keyword arguments, or a request. A workload has its own.
    """
    from codesign.lowering import lower as lowered
    from codesign.pruning import PrunePlan
    from codesign.workloads import Workload

    if isinstance(inputs, PrunePlan):
        inputs, plan = None, inputs
    if isinstance(model, Workload):
        if inputs is not None:
            raise ValueError("lower: a workload has its own request: no inputs are wanted beside it")
        return lowered(model.model, model.data.request, plan)
    if inputs is None:
        raise ValueError(f"lower: a {type(model).__name__} is no workload: say on which inputs it runs")
    return lowered(model, inputs, plan)


def scope(workload: Workload, name: str) -> str:
    """The regular expression over layer names that a scope stands for; `default` is the workload's own choice."""
    wanted = workload.default_scope if name == "default" else name
    if wanted not in workload.scopes:
        raise unknown(f"prune: scope (workload {workload.name})", wanted, workload.scopes)
    return workload.scopes[wanted]


@dataclass(frozen=True, eq=False)
class Loaded:
    """A workload, with what is found out about it once and asked for many times."""

    workload: Workload
    _tasks: dict[str, Task] = field(default_factory=dict)  # by scope: what calibration said serves every plan

    def prune(self, spec: PruneSpec) -> PrunePlan:
        """What goes, by the spec."""
        from codesign.pruning import prune as pruned

        return pruned(self._task(spec))

    def prune_to_cycles(self, spec: PruneSpec, machine: Hardware, engine: Engine) -> PrunePlan:
        """The least that saves `spec.ratio` of the dense model's cycles on the machine; mended once it is found.

        What a repair adds to a run (biases) is not counted. Raises ValueError where no removal saves so much.
        """
        from codesign.pruning import prune_to
        from hw_models import simulate

        def cycles(plan: PrunePlan | None) -> float:
            return float(simulate(self.lower(plan), machine, engine=engine).cycles)

        bare = self._task(replace(spec, repair="none", repair_options={}))
        found = prune_to(bare, cycles, (1 - spec.ratio) * cycles(None))
        return self.prune(replace(spec, ratio=found.spec.ratio))

    def _task(self, spec: PruneSpec) -> Task:
        from codesign.pruning import Task

        pattern = scope(self.workload, spec.scope)
        if pattern not in self._tasks:
            self._tasks[pattern] = Task(self.workload.model, spec, pattern, self.workload.data.calibration)
        return self._tasks[pattern].asked(spec)

    @cached_property
    def content(self) -> str:
        """What its results hang on: weights, structure, data, metric."""
        from codesign.workloads.digest import model_digest

        return f"{model_digest(self.workload.model)} {self.workload.data.digest} {self.workload.metric.name}"

    @cached_property
    def trace(self) -> Trace:
        """Its products and host work, before any mask is laid on them."""
        from codesign.lowering import trace

        return trace(self.workload.model, self.workload.data.request)

    def lower(self, plan: PrunePlan | None) -> Program:
        """The program under a plan; units that are gone change what is to be traced, masks do not."""
        from codesign.lowering import attach

        if plan is not None and plan.removals:
            return lower(self.workload, plan)
        return attach(self.trace, plan, name=self.workload.name)

    @cached_property
    def parameters(self) -> int:
        """Of the whole model."""
        return sum(parameter.numel() for parameter in self.workload.model.parameters())
