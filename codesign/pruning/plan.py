"""What a pruning method decides: blocks and units that go, and what it leaves mended behind."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from codesign.pruning.blocks import BlockMask
from codesign.pruning.spec import PruneSpec


@dataclass(frozen=True, eq=False)
class Repair:
    """New values that a method leaves in a layer it has pruned; None leaves what was there."""

    weight: Tensor | None = None  # (out, in)
    bias: Tensor | None = None  # (out,); a layer without bias gets one


@dataclass(frozen=True, eq=False)
class PrunePlan:
    """Masks and repairs by layer name. A value: it is saved, loaded, compared, and applied to a copy."""

    spec: PruneSpec
    masks: Mapping[str, BlockMask]
    repairs: Mapping[str, Repair] = field(default_factory=dict)
    scope_parameters: int = 0  # the denominator of the ratio

    @property
    def removed_parameters(self) -> int:
        """Weights in dead blocks."""
        return sum(mask.shape[0] * mask.shape[1] - mask.live_weights for mask in self.masks.values())

    def apply(self, model: nn.Module) -> nn.Module:
        """A copy of the model with dead blocks zeroed and repairs put in."""
        pruned = copy.deepcopy(model)
        with torch.no_grad():
            for name in self.masks.keys() | self.repairs.keys():
                _write(pruned.get_submodule(name), self.masks.get(name), self.repairs.get(name, Repair()))
        return pruned


def _write(layer: nn.Module, mask: BlockMask | None, repair: Repair) -> None:
    weight = layer.weight
    assert isinstance(weight, nn.Parameter), f"{type(layer).__name__} has no weight to prune"
    if repair.weight is not None:
        weight.copy_(repair.weight.to(weight))
    if mask is not None:
        weight.mul_(torch.from_numpy(mask.expand().copy()).to(weight.device).view_as(weight))
    if repair.bias is not None:
        layer.bias = nn.Parameter(repair.bias.to(weight), requires_grad=False)
