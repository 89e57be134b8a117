"""Least squares: the surviving weights of each row are solved anew so that the layer gives what it gave.

For a row w with dead columns D and (damped) Gram matrix H = X^T X + ridge I, the best survivors are
    w - w_D (H^-1_DD)^-1 H^-1_D:
which is zero on D. It is the optimal brain surgeon's step for the whole set D at once (Hassibi and Stork, NIPS 1992;
for sets Kurtic et al., The Optimal BERT Surgeon, EMNLP 2022, arXiv:2203.07259), the loss being the layer's squared
error. Equal to ridge regression on the survivors, ridge towards the old weights; but it factors matrices as large as
the dead set, which at 20 % is some sixty times less work.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor
from torch.nn import functional

from codesign.pruning.blocks import BlockMask
from codesign.pruning.calibration import Stat
from codesign.pruning.plan import Repair
from codesign.pruning.repair.base import LayerRepair
from codesign.pruning.task import LayerView

BATCH_BYTES = 256 << 20  # matrices factored at once


class LeastSquares(LayerRepair):
    """Ridge regression on calibration inputs, one problem for each block row: its rows share their survivors."""

    needs: ClassVar[frozenset[Stat]] = frozenset({Stat.GRAM})
    ridge: float = Field(default=1e-2, gt=0)  # of the mean of the Gram matrix's diagonal

    def mend(self, layer: LayerView, mask: BlockMask) -> Repair:
        """(out, in) new weight, zero where the mask is dead."""
        inverse = damped_inverse(layer.stats.gram, self.ridge)
        return Repair(weight=solve(layer.weight.double(), mask, inverse).to(layer.weight.dtype))


def damped_inverse(gram: Tensor, ridge: float) -> Tensor:
    """(in, in) inverse of the Gram matrix plus `ridge` times the mean of its diagonal; float64."""
    eye = torch.eye(len(gram), dtype=gram.dtype, device=gram.device)
    return torch.cholesky_inverse(torch.linalg.cholesky(gram + damping(gram, ridge) * eye))


def damping(gram: Tensor, ridge: float) -> Tensor:
    """What is added to the diagonal: more than 0, also where nothing ever came in."""
    return ridge * gram.diagonal().mean().clamp_min(torch.finfo(gram.dtype).tiny)


@dataclass(frozen=True, eq=False)
class Problem:
    """Stripes (block rows) whose dead columns are as many, or filled up to be: solved together."""

    stripes: Tensor  # (b,) which
    columns: Tensor  # (b, d) each stripe's dead columns, then others to fill up
    real: Tensor  # (b, d) False where it only fills up
    factor: Tensor  # (b, d, d) Cholesky factor of H^-1_DD, the identity where it only fills up

    def pick(self, weight: Tensor) -> Tensor:
        """(b, rows, d): the dead columns of (stripes, rows, in)."""
        index = self.columns[:, None].expand(-1, weight.shape[1], -1)
        return weight[self.stripes].gather(2, index) * self.real[:, None]


def problems(mask: BlockMask, inverse: Tensor, untouched: bool = False) -> Iterator[Problem]:
    """The mask's stripes, as many at a time as memory allows; those that lost nothing only if asked for."""
    dead = torch.from_numpy(~mask.alive).to(inverse.device).repeat_interleave(mask.block.cols, 1)[:, : mask.shape[1]]
    sizes = dead.sum(1)
    order = sizes.argsort(descending=True)
    order = order if untouched else order[sizes[order] > 0]
    while len(order):
        most = int(sizes[order[0]])
        stripes, order = order.tensor_split([max(1, BATCH_BYTES // (8 * (most + 1) * mask.shape[1]))])
        columns = dead[stripes].to(torch.int8).argsort(dim=1, descending=True, stable=True)[:, :most]
        real = torch.arange(most, device=inverse.device) < sizes[stripes, None]
        corner = inverse[columns[:, :, None], columns[:, None, :]]
        eye = torch.eye(most, dtype=inverse.dtype, device=inverse.device)
        corner = torch.where(real[:, :, None] & real[:, None, :], corner, eye)
        yield Problem(stripes, columns, real, torch.linalg.cholesky(corner))


def striped(weight: Tensor, rows: int) -> Tensor:
    """(stripes, rows, in) of (out, in); the last stripe filled up with zeros."""
    return functional.pad(weight, (0, 0, 0, -len(weight) % rows)).view(-1, rows, weight.shape[1])


def solve(weight: Tensor, mask: BlockMask, inverse: Tensor) -> Tensor:
    """(out, in): the best weights that are zero where the mask is dead, given the inverse Gram matrix (in, in)."""
    stripes = striped(weight, mask.block.rows)
    pull = torch.zeros_like(stripes)  # w_D (H^-1_DD)^-1, on the dead columns
    for problem in problems(mask, inverse):
        pulled = torch.cholesky_solve(problem.pick(stripes).mT, problem.factor).mT * problem.real[:, None]
        index = problem.columns[:, None].expand_as(pulled)
        pull[problem.stripes] = pull[problem.stripes].scatter(2, index, pulled)
    solved = weight - pull.flatten(0, 1)[: len(weight)] @ inverse
    return solved * torch.from_numpy(mask.expand()).to(weight.device)
