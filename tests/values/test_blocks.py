"""Blocks by hand: what a ragged edge counts, and that every sum is over its own block."""

import numpy as np
import pytest
import torch

from codesign.pruning import Block, BlockMask
from codesign.pruning.methods.magnitude import block_score

# fmt: off
WEIGHT = np.array([[1, -2,  3],
                   [4,  5, -6],
                   [7,  8,  9.0]])
# fmt: on


def test_a_ragged_grid_sums_each_block_by_itself() -> None:
    # 2x2 blocks of a 3x3 matrix: one whole, three cut off at the edge.
    assert Block(2, 2).sum(WEIGHT).tolist() == [[1 - 2 + 4 + 5, 3 - 6], [7 + 8, 9]]
    assert Block(2, 2).sizes((3, 3)).tolist() == [[4, 2], [2, 1]]


def test_l1_and_l2_norms_by_hand() -> None:
    assert block_score(WEIGHT, (2, 2), "l1").tolist() == [[12, 9], [15, 9]]
    assert block_score(WEIGHT, (2, 2), "l2") == pytest.approx(np.sqrt([[1 + 4 + 16 + 25, 9 + 36], [49 + 64, 81]]))


def test_the_kind_of_array_that_came_goes_out() -> None:
    score = block_score(torch.from_numpy(WEIGHT), (2, 2), "l2")
    assert isinstance(score, torch.Tensor)
    assert score.dtype == torch.float64
    assert np.array_equal(score.numpy(), block_score(WEIGHT, (2, 2), "l2"))


def test_a_block_larger_than_the_matrix_is_the_matrix() -> None:
    assert block_score(WEIGHT, (8, 8), "l1").tolist() == [[45]]


def test_live_weights_are_counted_at_the_edge_as_they_are() -> None:
    mask = BlockMask(np.array([[False, True], [True, False]]), Block(2, 2), (3, 3))
    assert mask.live_weights == 2 + 2
    assert mask.expand().tolist() == [[False, False, True], [False, False, True], [True, True, False]]
    assert mask.density == pytest.approx(4 / 9)
