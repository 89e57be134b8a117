"""The one picture of which rows and columns of a model go together; every unit method and `compact` read it."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from codesign.pruning.structure.graph import graph_groups
from codesign.pruning.structure.residual import channel_groups
from codesign.pruning.structure.transformer import attention_groups, mlp_groups
from codesign.pruning.units import Kind, UnitGroup


def structure(model: nn.Module) -> dict[str, UnitGroup]:
    """All units of the model by group name: by the names of its parts where it is a transformer, else by its graph."""
    attention = attention_groups(model)
    if attention:
        groups = [*attention, *mlp_groups(model), *channel_groups(model)]
    else:
        groups = graph_groups(model) or mlp_groups(model)
    return {group.name: group for group in groups}


def units(model: nn.Module, kinds: Sequence[Kind]) -> list[UnitGroup]:
    """The groups of those kinds, in the model's order; refuses a model that has none of one kind."""
    groups = structure(model).values()
    for kind in kinds:
        if not any(group.kind == kind for group in groups):
            have = ", ".join(sorted({group.kind for group in groups})) or "none"
            raise ValueError(f"prune: units: {type(model).__name__} has no {kind} that is known; it has {have}")
    return [group for group in groups if group.kind in kinds]


__all__ = ["structure", "units"]
