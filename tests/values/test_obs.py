"""Saliency against its definition: solve the survivors anew with and without each block, and compare the errors."""

import numpy as np
import pytest
import torch

from codesign.pruning import Block, BlockMask
from codesign.pruning.methods.obs import GONE, saliency
from codesign.pruning.repair.least_squares import damped_inverse, solve

RNG = np.random.default_rng(5)


def _error(weight: np.ndarray, solved: np.ndarray, gram: np.ndarray) -> float:
    gap = weight - solved
    return float(np.trace(gap @ gram @ gap.T))


@pytest.mark.parametrize("share", [0.7, 1.0])  # of blocks that have not gone before
@pytest.mark.parametrize("block", [Block(4, 4), Block(3, 5), Block(1, 1), Block(11, 2), Block(16, 16)])
def test_it_is_the_error_that_removing_the_block_adds(block: Block, share: float) -> None:
    weight = RNG.normal(size=(11, 13))
    inputs = RNG.normal(size=(60, 13)) @ RNG.normal(size=(13, 13))
    gram = inputs.T @ inputs
    damped = gram + 1e-2 * gram.diagonal().mean() * np.eye(13)
    inverse = damped_inverse(torch.from_numpy(gram), 1e-2)
    before = BlockMask(RNG.random(block.grid((11, 13))) < share, block, (11, 13))
    given = torch.from_numpy(weight)
    scores = saliency(given, inverse, before).numpy()
    base = _error(weight, solve(given, before, inverse).numpy(), damped)
    for place, lives in np.ndenumerate(before.alive):
        if not lives:
            assert scores[place] == GONE
            continue
        after = before.alive.copy()
        after[place] = False
        solved = solve(given, BlockMask(after, block, (11, 13)), inverse).numpy()
        assert scores[place] == pytest.approx(_error(weight, solved, damped) - base, rel=1e-6, abs=1e-9)
