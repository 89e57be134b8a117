"""Least squares against oracles: ridge regression written out row by row, and numpy's own solver."""

import numpy as np
import pytest
import torch
from torch import nn

from codesign.pruning import Block, BlockMask, PruneSpec, Task, prune
from codesign.pruning.repair.least_squares import damped_inverse, solve

RNG = np.random.default_rng(3)


def _problem(out: int, width: int, block: Block) -> tuple[np.ndarray, np.ndarray, BlockMask]:
    mixed = RNG.normal(size=(200, width)) @ RNG.normal(size=(width, width))  # correlated inputs
    return (
        RNG.normal(size=(out, width)),
        mixed,
        BlockMask(RNG.random(block.grid((out, width))) < 0.6, block, (out, width)),
    )


@pytest.mark.parametrize("block", [Block(4, 4), Block(3, 5), Block(1, 1), Block(16, 2), Block(1, 13), Block(11, 1)])
def test_each_row_is_ridge_regression_on_its_survivors(block: Block) -> None:
    weight, inputs, mask = _problem(11, 13, block)
    gram = inputs.T @ inputs
    solved = solve(torch.from_numpy(weight), mask, damped_inverse(torch.from_numpy(gram), 1e-2)).numpy()
    damped = gram + 1e-2 * gram.diagonal().mean() * np.eye(13)
    for row, new, alive in zip(weight, solved, mask.expand(), strict=True):
        want = np.zeros(13)
        want[alive] = np.linalg.solve(damped[np.ix_(alive, alive)], (damped @ row)[alive])
        assert new == pytest.approx(want, abs=1e-9)


def test_without_ridge_it_is_numpys_least_squares() -> None:
    weight, inputs, mask = _problem(6, 8, Block(2, 2))
    gram = torch.from_numpy(inputs.T @ inputs)
    solved = solve(torch.from_numpy(weight), mask, damped_inverse(gram, 1e-12)).numpy()
    for row, new, alive in zip(weight, solved, mask.expand(), strict=True):
        want = np.linalg.lstsq(inputs[:, alive], inputs @ row, rcond=None)[0]
        assert new[alive] == pytest.approx(want, abs=1e-6)


def test_by_hand_a_twin_takes_over() -> None:
    # Both inputs are always equal: when the second weight goes, the first becomes their sum.
    layer = nn.Linear(2, 1, bias=False)
    layer.weight.data = torch.tensor([[3.0, 1.0]])
    same = torch.randn(50, 1).repeat(1, 2)
    spec = PruneSpec("magnitude", 0.5, Block(1, 1), repair="least_squares", repair_options={"ridge": 1e-9})
    plan = prune(Task(nn.Sequential(layer), spec, calibration=[{"input": same}]))
    assert plan.repairs["0"].weight.tolist() == [[pytest.approx(4.0, abs=1e-5), 0.0]]
