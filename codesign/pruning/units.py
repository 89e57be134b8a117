"""Whole units that can go (neurons, heads, filters, channels): which rows and columns of which tensors go together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from codesign.pruning.blocks import Block, BlockMask
from codesign.pruning.layers import is_prunable, is_transposed, matrix_shape

Kind = Literal["neuron", "query_head", "kv_group", "sublayer", "channel", "filter"]
"""neuron: of an MLP. query_head: its rows of Q and columns of O, with its K and V where no other head shares them.
kv_group: a head of K and V with all query heads that read it. sublayer: an attention or MLP as a whole. channel: of the
residual stream. filter: of a convolution."""

Side = Literal["out", "in"]
Alive = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Part:
    """What units own of one module: unit i has the `width` outputs (or inputs) from i * width on."""

    module: str  # or the name of a bare parameter, whose last dimension is owned
    side: Side
    width: int = 1


@dataclass(frozen=True)
class UnitGroup:
    """Units of one kind in one place."""

    name: str  # "model.layers.3.mlp/neuron"
    kind: Kind
    count: int
    parts: tuple[Part, ...]
    families: int = 1  # unit i is of family i // (count / families); none loses its last. 0: all may go

    def readers(self, model: nn.Module) -> list[Part]:
        """The parts where what a unit gives is multiplied by weights: there its worth can be read."""
        return [part for part in self.parts if part.side == "in" and is_prunable(owner(model, part.module))]


@dataclass(frozen=True)
class Removal:
    """Units of one group that go."""

    group: str
    dead: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.dead or list(self.dead) != sorted(set(self.dead)) or self.dead[0] < 0:
            raise ValueError(f"removal: {self.group}: dead units must be ascending whole numbers, at least one")


Axis = tuple[str, int]  # tensor name, dimension


def survivors(model: nn.Module, groups: Mapping[str, UnitGroup], removals: Iterable[Removal]) -> dict[Axis, Alive]:
    """For each dimension of each tensor that loses something: what lives along it."""
    alive: dict[Axis, Alive] = {}
    for removal in removals:
        group = groups.get(removal.group)
        if group is None or removal.dead[-1] >= group.count:
            raise ValueError(f"plan: the model has no such units as {removal.group} {removal.dead[-1]}")
        units = np.ones(group.count, np.bool_)
        units[list(removal.dead)] = False
        for part in group.parts:
            for axis in axes(model, part):
                along = np.repeat(units, part.width)
                alive[axis] = alive[axis] & along if axis in alive else along
    return alive


def axes(model: nn.Module, part: Part) -> list[Axis]:
    """Every tensor and dimension that the part's side is a side of."""
    module = owner(model, part.module)
    if is_parameter(model, part.module):
        return [(part.module, tensor_of(model, part.module).ndim - 1)]
    if part.side == "in":
        return [(f"{part.module}.weight", 0 if is_transposed(module) else 1)]
    second = isinstance(module, nn.Embedding) or is_transposed(module)
    names = ("weight", "bias", "running_mean", "running_var")
    present = [name for name in names if isinstance(getattr(module, name, None), Tensor)]
    return [(f"{part.module}.{name}", int(second and name == "weight")) for name in present]


def owner(model: nn.Module, name: str) -> nn.Module:
    """The module of that name; for a bare parameter, the module that holds it."""
    return model.get_submodule(name.rpartition(".")[0] if is_parameter(model, name) else name)


def is_parameter(model: nn.Module, name: str) -> bool:
    """Is it the name of a tensor, not of a module?"""
    holder, _, last = name.rpartition(".")
    return isinstance(getattr(model.get_submodule(holder), last), Tensor)


def tensor_of(model: nn.Module, name: str) -> Tensor:
    """The parameter or buffer of that name."""
    holder, _, last = name.rpartition(".")
    tensor: Tensor = getattr(model.get_submodule(holder), last)
    return tensor


def dead_inputs(model: nn.Module, layer: str, alive: Mapping[Axis, Alive]) -> BlockMask | None:
    """The layer's weight matrix with whole columns dead; None where it loses no inputs, or is no prunable layer."""
    module = owner(model, f"{layer}.weight")
    along = alive.get((f"{layer}.weight", 0 if is_transposed(module) else 1))
    if along is None or not is_prunable(module):
        return None
    rows, cols = matrix_shape(module)
    return BlockMask(np.repeat(along, cols // len(along))[None], Block(rows, 1), (rows, cols))


def zero(model: nn.Module, alive: Mapping[Axis, Alive]) -> None:
    """Put zeros in place where all that goes stood."""
    with torch.no_grad():
        for (name, dim), along in alive.items():
            dead = torch.from_numpy(np.flatnonzero(~along))
            tensor = tensor_of(model, name)
            tensor.index_fill_(dim, dead.to(tensor.device), 0)
