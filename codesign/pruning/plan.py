"""What a pruning method decides: blocks and units that go, and what it leaves mended behind."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from codesign.pruning import storage
from codesign.pruning.blocks import BlockMask
from codesign.pruning.compact import cut
from codesign.pruning.layers import matrix, matrix_shape, write_matrix
from codesign.pruning.spec import PruneSpec
from codesign.pruning.structure import structure
from codesign.pruning.units import Removal, dead_inputs, survivors, zero


@dataclass(frozen=True, eq=False)
class Repair:
    """New values that a method leaves in a layer it has pruned; None leaves what was there."""

    weight: Tensor | None = None  # (out, in)
    bias: Tensor | None = None  # (out,); a layer without bias gets one


@dataclass(frozen=True, eq=False)
class PrunePlan:
    """What goes, as masks by layer name or as whole units, and repairs. A value: saved, loaded, compared, applied."""

    spec: PruneSpec
    masks: Mapping[str, BlockMask] = field(default_factory=dict)
    repairs: Mapping[str, Repair] = field(default_factory=dict)
    removals: tuple[Removal, ...] = ()
    scope_parameters: int = 0  # the denominator of the ratio
    unit_parameters: int = 0  # weights in scope that go with the removed units

    def __post_init__(self) -> None:
        if self.masks and self.removals:
            raise ValueError("plan: it has both block masks and removed units; a plan removes one or the other")

    @property
    def removed_parameters(self) -> int:
        """Weights in scope that go."""
        blocks = sum(mask.shape[0] * mask.shape[1] - mask.live_weights for mask in self.masks.values())
        return blocks + self.unit_parameters

    def lost(self, model: nn.Module) -> dict[str, BlockMask]:
        """What each layer that lost something can no longer use: dead blocks, or the inputs that dead units gave."""
        if not self.removals:
            return {name: mask for name, mask in self.masks.items() if not mask.alive.all()}
        alive = survivors(model, structure(model), self.removals)
        layers = {name.removesuffix(".weight"): name for name, _ in alive if name.endswith(".weight")}
        return {layer: mask for layer in layers if (mask := dead_inputs(model, layer, alive)) is not None}

    @property
    def density(self) -> float:
        """Share of the weights in scope that live, in [0, 1]."""
        return 1 - self.removed_parameters / self.scope_parameters if self.scope_parameters else 1.0

    @property
    def digest(self) -> str:
        """SHA-256 of the content: equal plans have equal digests."""
        return storage.digest(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PrunePlan) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def save(self, path: str | Path) -> None:
        """One safetensors file: masks and repairs as tensors, the rest as JSON in its header, with a checksum."""
        storage.save(self, Path(path))

    @classmethod
    def load(cls, path: str | Path) -> PrunePlan:
        """What `save` wrote; a file that was changed since is refused."""
        return storage.load(Path(path))

    def apply(self, model: nn.Module) -> nn.Module:
        """A copy of the model, of the same shapes: zeros where something went, and repairs put in."""
        pruned = copy.deepcopy(model)
        for name in sorted(self.masks.keys() | self.repairs.keys()):
            install(pruned, name, self.masks.get(name), self.repairs.get(name, Repair()))
        if self.removals:
            zero(pruned, survivors(model, structure(model), self.removals))
        return pruned

    def compact(self, model: nn.Module) -> nn.Module:
        """A copy of the model with the removed units cut out of it: smaller products, the same answers.

        Dead blocks stay as zeros: they are not whole rows or columns.
        """
        pruned = self.apply(model)
        if self.removals:
            cut(pruned, survivors(model, structure(model), self.removals))
        return pruned


def install(model: nn.Module, name: str, mask: BlockMask | None, repair: Repair) -> None:
    """Write one layer's repair and zeros into the model."""
    try:
        layer = model.get_submodule(name)
    except AttributeError:
        raise ValueError(f"plan: the model has no layer {name}; the plan is of another model") from None
    weight = matrix(layer)
    values = weight if repair.weight is None else repair.weight.to(weight)
    if values.shape != weight.shape or (mask is not None and mask.shape != matrix_shape(layer)):
        raise ValueError(f"plan: layer {name} is {tuple(weight.shape)}; the plan is of another model")
    if mask is not None:
        values = values * torch.from_numpy(mask.expand()).to(weight.device)
    write_matrix(layer, values)
    if repair.bias is not None:
        layer.bias = nn.Parameter(repair.bias.to(weight), requires_grad=False)
