"""The one picture of which rows and columns of a model go together; every unit method and `compact` read it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from torch import nn

from codesign.pruning.layers import is_prunable
from codesign.pruning.structure.graph import graph_groups
from codesign.pruning.structure.residual import channel_groups
from codesign.pruning.structure.transformer import attention_groups, mlp_groups
from codesign.pruning.units import Kind, UnitGroup, owner


def structure(model: nn.Module) -> dict[str, UnitGroup]:
    """All units of the model by group name: by the names of its parts where it is a transformer, else by its graph."""
    attention = attention_groups(model)
    if attention:
        groups = [*attention, *mlp_groups(model), *channel_groups(model)]
    else:
        groups = graph_groups(model) or mlp_groups(model)
    return {group.name: group for group in groups}


def units(model: nn.Module, kinds: Sequence[Kind], scope: Collection[str]) -> list[UnitGroup]:
    """The groups of those kinds whose weights all stand in scope; refuses a model that has none of one kind.

    Of a channel it is enough that one layer stands in scope: it runs through the whole model.
    """
    groups = [group for group in structure(model).values() if _within(model, group, scope)]
    for kind in kinds:
        if not any(group.kind == kind for group in groups):
            have = ", ".join(sorted({group.kind for group in groups})) or "none"
            raise ValueError(f"prune: units: {type(model).__name__} has no {kind} in scope; what is there: {have}")
    return [group for group in groups if group.kind in kinds]


def _within(model: nn.Module, group: UnitGroup, scope: Collection[str]) -> bool:
    weights = [part.module for part in group.parts if is_prunable(owner(model, part.module))]
    return any(name in scope for name in weights) if group.kind == "channel" else all(name in scope for name in weights)


__all__ = ["structure", "units"]
