"""One pruning job as a method sees it: the layers in scope, what calibration says of them, and what is asked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor, nn

from codesign.pruning.calibration import Calibration, Loss, Stat, own_loss
from codesign.pruning.layers import matrix, select
from codesign.pruning.plan import PrunePlan
from codesign.pruning.prices import Prices, prices
from codesign.pruning.ranking import Scores
from codesign.pruning.selection import choose, choose_blocks, removed_weights
from codesign.pruning.spec import PruneSpec
from codesign.pruning.statistics import Batch, InputStats, device_of, evaluating, on
from codesign.pruning.structure import units
from codesign.pruning.units import Removal, UnitGroup, survivors

Utility = Callable[[nn.Module], float]
"""What a pruned model is worth; more is better. It may be any number: no gradient is ever taken of it."""


@dataclass(frozen=True, eq=False)
class LayerView:
    """A layer as a method sees it: its weights, and what calibration says of its inputs."""

    name: str
    weight: Tensor  # (out, in)
    bias: Tensor | None = None  # (out,)
    inputs: InputStats | None = None  # shared by layers that read the same tensor
    gradient: Tensor | None = None  # (out, in) of the mean calibration loss

    @property
    def shape(self) -> tuple[int, int]:
        """(out, in)."""
        return self.weight.shape[0], self.weight.shape[1]

    @property
    def stats(self) -> InputStats:
        """The input statistics, which a method that needs them is given."""
        if self.inputs is None:
            raise ValueError(
                f"prune: layer {self.name}: its inputs were not measured (a grouped convolution, or the method did not "
                "say that it needs them); leave it out of the scope, or take method magnitude or random"
            )
        return self.inputs


@dataclass(frozen=True, eq=False)
class Task:
    """Everything a pruning method may use. `scope` finds the layers in scope by name (`re.search`)."""

    model: nn.Module
    spec: PruneSpec
    scope: str = ""
    calibration: Sequence[Batch] = ()
    loss: Loss | None = None  # of one batch; None: model(**batch).loss
    utility: Utility | None = None  # None: minus the mean calibration loss

    @cached_property
    def layers(self) -> dict[str, nn.Module]:
        """The layers in scope, in the model's order; the ratio's denominator is their weights."""
        layers = select(self.model, self.scope)
        _refuse_shared(self.model, layers)
        return layers

    @cached_property
    def facts(self) -> Calibration:
        """What the calibration batches say; gathered when first asked for, then kept."""
        return Calibration(self.model, self.layers, self.calibration, self.loss)

    def asked(self, spec: PruneSpec) -> Task:
        """The same model, scope and data, asked for something else; what calibration said is kept."""
        task = replace(self, spec=spec)
        vars(task).update(facts=self.facts, layers=self.layers)
        return task

    @cached_property
    def prices(self) -> Prices:
        """What each weight in scope costs in the currency of the spec's budget."""
        return prices(self.spec.budget, self.model, self.layers, next(iter(self.calibration), None))

    @cached_property
    def groups(self) -> list[UnitGroup]:
        """The units that the spec asks for, those whose weights all stand in scope."""
        if not self.spec.units:
            raise ValueError("prune: neither a block nor units are given; one of them says what goes")
        return units(self.model, self.spec.units, self.layers)

    def drop_lowest(self, scores: Mapping[str, Scores]) -> PrunePlan:
        """The plan that removes what scores lowest, within the spec's budget, and mends nothing.

        Scores are (block_rows, block_cols) by layer, or (count,) by group of units.
        """
        if self.spec.block is None:
            return self.unit_plan(choose(self.spec, self.model, self.groups, scores, self.prices))
        masks = choose_blocks(self.spec, self.spec.block, self.layers, scores, self.prices)
        return PrunePlan(self.spec, masks, scope_parameters=self.scope_parameters)

    def unit_plan(self, removals: tuple[Removal, ...]) -> PrunePlan:
        """The plan that removes these units and mends nothing."""
        alive = survivors(self.model, {group.name: group for group in self.groups}, removals)
        gone = sum(removed_weights(self.model, name, alive) for name in self.layers)
        return PrunePlan(self.spec, removals=removals, scope_parameters=self.scope_parameters, unit_parameters=gone)

    @property
    def scope_parameters(self) -> int:
        """Weights in scope: the denominator of the ratio."""
        return sum(matrix(layer).numel() for layer in self.layers.values())

    def worth(self, model: nn.Module) -> float:
        """The utility of a pruned model; minus the mean calibration loss where the task has no utility of its own."""
        if self.utility is not None:
            return self.utility(model)
        if not self.calibration:
            raise ValueError("calibration: no batch came, but the method runs pruned models on them")
        loss, device = self.loss or own_loss, device_of(model)
        with evaluating(model), torch.inference_mode():
            return -sum(float(loss(model, on(device, batch))) for batch in self.calibration) / len(self.calibration)

    def views(self, needs: Collection[Stat] = ()) -> dict[str, LayerView]:
        """Each layer with the statistics asked for; their Gram matrices only where all fit (see `gram_views`)."""
        inputs = self.facts.inputs(gram=Stat.GRAM in needs) if {Stat.INPUTS, Stat.GRAM} & set(needs) else {}
        gradients = self.facts.gradients() if Stat.GRADIENT in needs else {}
        return {name: _view(name, layer, inputs.get(name), gradients.get(name)) for name, layer in self.layers.items()}

    def gram_views(self) -> Iterator[LayerView]:
        """Each layer with its Gram matrix, as many at a time as memory allows."""
        for chunk in self.facts.gram_chunks():
            for name, inputs in chunk.items():
                yield _view(name, self.layers[name], inputs)


def _view(name: str, layer: nn.Module, inputs: InputStats | None, gradient: Tensor | None = None) -> LayerView:
    weight, bias = matrix(layer), layer.bias
    if not bool(torch.isfinite(weight).all()):
        raise ValueError(f"prune: layer {name}: the weight holds NaN or infinite values")
    return LayerView(name, weight, bias.detach() if isinstance(bias, Tensor) else None, inputs, gradient)


def _refuse_shared(model: nn.Module, layers: dict[str, nn.Module]) -> None:
    """A tied weight cannot be pruned in one place only (an embedding that is also the output layer)."""
    owners: dict[int, str] = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        owner = owners.setdefault(id(parameter), name)
        for one, other in ((owner, name), (name, owner)):
            if one != other and one.removesuffix(".weight") in layers:
                raise ValueError(f"prune: scope: {one} is the same tensor as {other}; leave it out of the scope")
