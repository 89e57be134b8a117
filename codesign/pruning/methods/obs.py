"""Optimal brain surgeon on blocks: what goes is what costs least once the survivors have made up for it.

Hassibi and Stork, Second Order Derivatives for Network Pruning, NIPS 1992, with a layer's squared output error as the
loss; for sets of weights Kurtic et al., The Optimal BERT Surgeon, EMNLP 2022, arXiv:2203.07259, eq. (4). With H the
damped Gram matrix of a layer's inputs, removing the columns C of rows w, when the columns D have gone before, costs
    tr(w_C (H^-1_D,CC)^-1 w_C^T),  where H^-1_D = H^-1 - H^-1_:D (H^-1_DD)^-1 H^-1_D:
is the inverse over the survivors, and w is what least squares has made of the rows so far.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

import numpy as np
import torch
from pydantic import Field
from torch import Tensor
from torch.nn import functional

from codesign.pruning.blocks import Block, BlockMask
from codesign.pruning.calibration import Stat
from codesign.pruning.layers import matrix_shape
from codesign.pruning.methods.base import Method
from codesign.pruning.plan import PrunePlan
from codesign.pruning.ranking import Scores
from codesign.pruning.repair.least_squares import LeastSquares, damped_inverse, problems, striped
from codesign.pruning.task import LayerView, Task

GONE = -1.0  # the key of what went in an earlier round: below every saliency


def saliency(weight: Tensor, inverse: Tensor, mask: BlockMask) -> Tensor:
    """(block_rows, block_cols): the squared error that removing each block adds, after least squares.

    Weight (out, in) as it was before anything went; inverse damped Gram (in, in); the mask says what went before, whose
    saliency is `GONE`.
    """
    block = mask.block
    stripes = striped(weight, block.rows)
    alive = torch.from_numpy(mask.alive.copy()).to(weight.device)
    own = _diagonal_blocks(inverse, block.cols)  # (block_cols, c, c)
    eye = torch.eye(block.cols, dtype=inverse.dtype, device=inverse.device)
    result = torch.full(mask.alive.shape, GONE, dtype=weight.dtype, device=weight.device)
    for problem in problems(mask, inverse, untouched=True):
        rows = inverse[problem.columns] * problem.real[:, :, None]  # (b, d, in)
        half = torch.linalg.solve_triangular(problem.factor, rows, upper=False)
        pull = torch.linalg.solve_triangular(problem.factor, problem.pick(stripes).mT, upper=False)  # (b, d, rows)
        current = _by_block(stripes[problem.stripes] - pull.mT @ half, block.cols)  # (b, block_cols, rows, c)
        taken = _by_block(half, block.cols)  # (b, block_cols, d, c)
        here = alive[problem.stripes]
        left = torch.where(here[:, :, None, None], own - taken.mT @ taken, eye)
        error = torch.linalg.solve_triangular(torch.linalg.cholesky(left), current.mT, upper=False).square().sum((2, 3))
        result[problem.stripes] = torch.where(here, error, GONE)
    return result


def _by_block(values: Tensor, cols: int) -> Tensor:
    """(b, block_cols, x, c) of (b, x, in); the last block filled up with zeros."""
    filled = functional.pad(values, (0, -values.shape[2] % cols))
    return filled.view(*filled.shape[:2], filled.shape[2] // cols, cols).transpose(1, 2)


def _diagonal_blocks(matrix: Tensor, cols: int) -> Tensor:
    """(block_cols, c, c) along the diagonal; the last filled up with the identity."""
    size, missing = len(matrix), -len(matrix) % cols
    full = functional.pad(matrix, (0, missing, 0, missing))
    full[range(size, size + missing), range(size, size + missing)] = 1
    count = len(full) // cols
    return full.view(count, cols, count, cols).diagonal(dim1=0, dim2=2).permute(2, 0, 1)


class Obs(Method):
    """Chooses in rounds, each on what the rounds before have left, and mends with the same matrix.

    A layer's saliencies are divided by the energy of its outputs, for global ranking.
    """

    needs: ClassVar[frozenset[Stat]] = frozenset({Stat.GRAM})
    rounds: int = Field(default=4, ge=1)  # more rounds see more of what removals mean for each other, and cost more
    ridge: float = Field(default=1e-2, gt=0)  # of the mean of the Gram matrix's diagonal
    mend: bool = True  # by least squares, unless another repair is asked for

    def plan(self, task: Task) -> PrunePlan:
        """The last round's choice, mended."""
        plan = PrunePlan(task.spec)
        for step in range(1, self.rounds + 1):
            part = task.asked(replace(task.spec, ratio=task.spec.ratio * step / self.rounds))
            plan = part.drop_lowest(self._scores(part, plan.lost(task.model)))
        plan = replace(plan, spec=task.spec)
        return LeastSquares(ridge=self.ridge).repair(task, plan) if self.mend and task.spec.repair == "none" else plan

    def _scores(self, task: Task, lost: Mapping[str, BlockMask]) -> dict[str, Scores]:
        """Of blocks by layer, or of units by group (summed over their readers), given what earlier rounds took."""
        found: dict[str, Scores] = {}
        jobs = _jobs(task)
        for view in task.gram_views():
            for name, block in jobs.get(view.name, ()):
                score = self._score(view, _in_blocks(lost.get(view.name), block, view.shape)).cpu().numpy()
                score = score if task.spec.block else score.ravel()
                found[name] = found[name] + score if name in found else score
        return found

    def _score(self, layer: LayerView, mask: BlockMask) -> Tensor:
        """(block_rows, block_cols): share of the output's energy that a weight of the block costs."""
        weight, gram = layer.weight.double(), layer.stats.gram
        energy = ((weight @ gram) * weight).sum().clamp_min(torch.finfo(gram.dtype).tiny)
        error = saliency(weight, damped_inverse(gram, self.ridge), mask)
        sizes = torch.from_numpy(mask.block.sizes(mask.shape)).to(error)
        return torch.where(error == GONE, error, error / energy / sizes)


def _jobs(task: Task) -> dict[str, list[tuple[str, Block]]]:
    """For each layer what is to be scored on it: itself in blocks, or the units that it reads as blocks of columns."""
    if task.spec.block:
        return {name: [(name, task.spec.block)] for name in task.layers}
    jobs: dict[str, list[tuple[str, Block]]] = {}
    for group in task.groups:
        for part in group.readers(task.model):
            if part.module in task.layers:
                rows, cols = matrix_shape(task.layers[part.module])
                jobs.setdefault(part.module, []).append((group.name, Block(rows, cols // group.count)))
    return jobs


def _in_blocks(lost: BlockMask | None, block: Block, shape: tuple[int, int]) -> BlockMask:
    """What went before, seen in blocks; all alive where nothing did."""
    alive = np.ones(block.grid(shape), np.bool_) if lost is None else lost.expand()[:: block.rows, :: block.cols]
    return BlockMask(alive, block, shape)
