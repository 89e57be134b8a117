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
from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor
from torch.nn import functional

from codesign.pruning.blocks import BlockMask
from codesign.pruning.calibration import Stat
from codesign.pruning.plan import Repair
from codesign.pruning.repair.base import RepairMethod
from codesign.pruning.task import LayerView

BATCH_BYTES = 256 << 20  # matrices factored at once


class LeastSquares(RepairMethod):
    """Ridge regression on calibration inputs, one problem for each block row: its rows share their survivors."""

    needs: ClassVar[frozenset[Stat]] = frozenset({Stat.GRAM})
    ridge: float = Field(default=1e-2, gt=0)  # of the mean of the Gram matrix's diagonal

    def mend(self, layer: LayerView, mask: BlockMask) -> Repair:
        """(out, in) new weight, zero where the mask is dead."""
        inverse = damped_inverse(layer.stats.gram, self.ridge)
        return Repair(weight=solve(layer.weight.double(), mask, inverse).to(layer.weight.dtype))


def damped_inverse(gram: Tensor, ridge: float) -> Tensor:
    """(in, in) inverse of the Gram matrix plus `ridge` times the mean of its diagonal; float64."""
    damping = ridge * gram.diagonal().mean().clamp_min(torch.finfo(gram.dtype).tiny)
    eye = torch.eye(len(gram), dtype=gram.dtype, device=gram.device)
    return torch.cholesky_inverse(torch.linalg.cholesky(gram + damping * eye))


def solve(weight: Tensor, mask: BlockMask, inverse: Tensor) -> Tensor:
    """(out, in): the best weights that are zero where the mask is dead, given the inverse Gram matrix (in, in)."""
    rows, (out, width) = mask.block.rows, mask.shape
    stripes = functional.pad(weight, (0, 0, 0, -out % rows)).view(-1, rows, width)  # (block_rows, rows, in)
    pull = torch.zeros_like(stripes)  # w_D (H^-1_DD)^-1, on the dead columns
    dead = torch.from_numpy(~mask.alive).to(weight.device).repeat_interleave(mask.block.cols, 1)[:, :width]
    for batch in _batches(dead.sum(1)):
        order = dead[batch].to(torch.int8).argsort(dim=1, descending=True, stable=True)
        counts = dead[batch].sum(1)
        columns = order[:, : int(counts.max())]  # (b, d): each stripe's dead columns, then others to fill up
        real = torch.arange(columns.shape[1], device=weight.device) < counts[:, None]  # (b, d)
        factors = torch.linalg.cholesky(_corner(inverse, columns, real))
        index = columns[:, None].expand(-1, rows, -1)  # (b, rows, d)
        given = stripes[batch].gather(2, index) * real[:, None]
        pull[batch] = pull[batch].scatter(2, index, torch.cholesky_solve(given.mT, factors).mT * real[:, None])
    solved = weight - pull.flatten(0, 1)[:out] @ inverse
    return solved * torch.from_numpy(mask.expand()).to(weight.device)


def _corner(matrix: Tensor, columns: Tensor, real: Tensor) -> Tensor:
    """(b, d, d): rows and columns of the matrix for each problem, the identity where they only fill up."""
    corner = matrix[columns[:, :, None], columns[:, None, :]]
    eye = torch.eye(columns.shape[1], dtype=matrix.dtype, device=matrix.device)
    return torch.where(real[:, :, None] & real[:, None, :], corner, eye)


def _batches(sizes: Tensor) -> Iterator[Tensor]:
    """Problems of like size together, as many as memory allows; those of size 0 need no solving."""
    order = sizes.argsort(descending=True)
    order = order[sizes[order] > 0]
    while len(order):
        many = max(1, BATCH_BYTES // (8 * int(sizes[order[0]]) ** 2))
        yield order[:many]
        order = order[many:]
