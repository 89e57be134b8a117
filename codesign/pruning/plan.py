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
from codesign.pruning.layers import matrix, matrix_shape, write_matrix
from codesign.pruning.spec import PruneSpec


@dataclass(frozen=True, eq=False)
class Repair:
    """New values that a method leaves in a layer it has pruned; None leaves what was there."""

    weight: Tensor | None = None  # (out, in)
    bias: Tensor | None = None  # (out,); a layer without bias gets one


@dataclass(frozen=True, eq=False)
class PrunePlan:
    """Masks and repairs by layer name. A value: it is saved, loaded, compared by content, and applied to a copy."""

    spec: PruneSpec
    masks: Mapping[str, BlockMask]
    repairs: Mapping[str, Repair] = field(default_factory=dict)
    scope_parameters: int = 0  # the denominator of the ratio

    @property
    def removed_parameters(self) -> int:
        """Weights in dead blocks."""
        return sum(mask.shape[0] * mask.shape[1] - mask.live_weights for mask in self.masks.values())

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
        """A copy of the model with dead blocks zeroed and repairs put in."""
        pruned = copy.deepcopy(model)
        for name in sorted(self.masks.keys() | self.repairs.keys()):
            _write(name, _layer(pruned, name), self.masks.get(name), self.repairs.get(name, Repair()))
        return pruned


def _layer(model: nn.Module, name: str) -> nn.Module:
    try:
        return model.get_submodule(name)
    except AttributeError:
        raise ValueError(f"plan: the model has no layer {name}; the plan is of another model") from None


def _write(name: str, layer: nn.Module, mask: BlockMask | None, repair: Repair) -> None:
    weight = matrix(layer)
    values = weight if repair.weight is None else repair.weight.to(weight)
    if values.shape != weight.shape or (mask is not None and mask.shape != matrix_shape(layer)):
        raise ValueError(f"plan: layer {name} is {tuple(weight.shape)}; the plan is of another model")
    if mask is not None:
        values = values * torch.from_numpy(mask.expand()).to(weight.device)
    write_matrix(layer, values)
    if repair.bias is not None:
        layer.bias = nn.Parameter(repair.bias.to(weight), requires_grad=False)
