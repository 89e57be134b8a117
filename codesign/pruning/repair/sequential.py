"""Sequential repairs: each layer is mended on the inputs that the layers before, pruned and mended, give it.

So errors do not add up along the model: what the layer is asked to give is what the dense layer gave on dense inputs.
The order is that of execution, as in Frantar and Alistarh, SparseGPT, ICML 2023, arXiv:2301.00774, section 3; the
targets are the dense model's, as in Hubara et al., Accurate Post Training Quantization (AdaQuant), ICML 2021.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace

import torch
from pydantic import Field
from torch import Tensor, nn

from codesign.pruning.blocks import BlockMask
from codesign.pruning.layers import input_rows
from codesign.pruning.plan import PrunePlan, Repair, install
from codesign.pruning.repair.base import RepairMethod
from codesign.pruning.repair.least_squares import damped_inverse, damping, solve
from codesign.pruning.repair.lockstep import Lockstep, Pair
from codesign.pruning.task import LayerView, Task


@dataclass(frozen=True, eq=False)
class PairStats:
    """Sums over the rows X that the dense model gives a layer and the rows Y that the pruned one gives; float64."""

    dense_mean: Tensor  # (in,)
    mean: Tensor  # (in,) of Y
    gram: Tensor | None = None  # (in, in) Y^T Y
    cross: Tensor | None = None  # (in, in) Y^T X


class SequentialRepair(RepairMethod):
    """One pass of the dense and one of the pruned model over the batches, halted at each layer."""

    @abstractmethod
    def mend(self, layer: LayerView, mask: BlockMask, stats: PairStats) -> Repair:
        """New values for one pruned layer."""

    def repair(self, task: Task, plan: PrunePlan) -> PrunePlan:
        """In order of execution."""
        if not task.calibration:
            raise ValueError("calibration: no batch came, but the repair runs the model on them")
        lost = {name: mask for name, mask in plan.lost(task.model).items() if name in task.layers}
        pruned = replace(plan, repairs={}).apply(task.model)
        views, repairs = task.views(), {}
        with Lockstep(task.model, pruned, lost.keys(), task.calibration) as steps:
            for name, pairs in steps:
                stats = measure(task.layers[name], pairs, gram=isinstance(self, SequentialLeastSquares))
                repairs[name] = self.mend(views[name], lost[name], stats)
                install(pruned, name, lost[name], repairs[name])
        return replace(plan, repairs=repairs)


def measure(layer: nn.Module, pairs: list[Pair], gram: bool) -> PairStats:
    """Sums over all batches. Products are taken in float32 for float32 inputs, and added up in float64."""
    rows = 0
    width = input_rows(layer, pairs[0][0]).shape[1]
    device = pairs[0][0].device
    dense_sum, own_sum = (torch.zeros(width, dtype=torch.float64, device=device) for _ in range(2))
    squares, cross = (torch.zeros(width, width, dtype=torch.float64, device=device) for _ in range(2))
    for dense, own in pairs:
        x, y = (input_rows(layer, tensor) for tensor in (dense, own))
        x, y = (x, y) if x.dtype == torch.float64 else (x.float(), y.float())
        rows += len(x)
        dense_sum += x.sum(0, dtype=torch.float64)
        own_sum += y.sum(0, dtype=torch.float64)
        if gram:
            squares += y.T @ y
            cross += y.T @ x
    return PairStats(dense_sum / rows, own_sum / rows, squares if gram else None, cross if gram else None)


class SequentialBias(SequentialRepair):
    """The mean output of each layer becomes the dense layer's: b + W mean(X) - W_pruned mean(Y)."""

    def mend(self, layer: LayerView, mask: BlockMask, stats: PairStats) -> Repair:
        """(out,) new bias."""
        weight = layer.weight.double()
        alive = torch.from_numpy(mask.expand()).to(weight.device)
        lost = weight @ stats.dense_mean - (weight * alive) @ stats.mean
        return Repair(bias=(lost if layer.bias is None else layer.bias + lost).to(layer.weight.dtype))


class SequentialLeastSquares(SequentialRepair):
    """The survivors that come nearest to the dense layer's outputs, on the pruned model's inputs.

    Without zeros the best weight would be W* = (W cross^T + ridge W) H^-1, H the damped Gram matrix of Y; with them it
    is the nearest to that in H's norm, which is what least squares makes of W*.
    """

    ridge: float = Field(default=1e-2, gt=0)  # of the mean of the Gram matrix's diagonal

    def mend(self, layer: LayerView, mask: BlockMask, stats: PairStats) -> Repair:
        """(out, in) new weight, zero where the mask is dead."""
        assert stats.gram is not None, "measured without the Gram matrix"
        assert stats.cross is not None, "measured without the cross products"
        weight = layer.weight.double()
        inverse = damped_inverse(stats.gram, self.ridge)
        best = (weight @ stats.cross.T + damping(stats.gram, self.ridge) * weight) @ inverse
        return Repair(weight=solve(best, mask, inverse).to(layer.weight.dtype))
