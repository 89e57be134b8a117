"""Streaming statistics equal those taken of all rows at once, in any split, float64 however small the spread."""

import numpy as np
import pytest
import torch
from torch import nn

from codesign.pruning.statistics import InputStats, input_statistics


@pytest.mark.parametrize("cuts", [[], [1], [3, 4], [1, 2, 3, 4, 5, 6, 7]])
def test_any_split_gives_the_two_pass_values(cuts: list[int]) -> None:
    rows = np.random.default_rng(0).normal(1e4, 1e-2, (8, 3))  # a naive sum of squares loses all digits here
    stats = InputStats(3, torch.device("cpu"), gram=True)
    for part in np.split(rows, cuts):
        stats.add(torch.from_numpy(part))
    assert stats.rows == 8
    assert stats.mean.numpy() == pytest.approx(rows.mean(0), rel=1e-14)
    assert stats.variance.numpy() == pytest.approx(rows.var(0, ddof=1), rel=1e-6)
    assert stats.norm.numpy() == pytest.approx(np.linalg.norm(rows, axis=0), rel=1e-12)
    assert stats.gram.numpy() == pytest.approx(rows.T @ rows, rel=1e-12)


class Shared(nn.Module):
    """Two layers that read one tensor, one that reads another."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.out = nn.Linear(4, 4), nn.Linear(4, 2), nn.Linear(4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.out(torch.relu(self.query(x))) * self.key(x).sum()


def test_layers_that_read_one_tensor_share_its_statistics() -> None:
    model = Shared()
    seen = input_statistics(model, dict(model.named_children()), [{"x": torch.randn(5, 4)} for _ in range(3)], True)
    assert seen["query"] is seen["key"]
    assert seen["out"] is not seen["query"]
    assert seen["query"].rows == 15  # once, not twice


def test_a_convolutions_rows_are_its_patches() -> None:
    conv = nn.Conv2d(2, 3, (3, 2), stride=2, padding=1, bias=False).double()
    images = torch.randn(2, 2, 7, 6, dtype=torch.float64)
    stats = input_statistics(nn.Sequential(conv), {"0": conv}, [{"input": images}], gram=True)["0"]
    # The energy of all outputs, once by the convolution and once as trace(W G W^T).
    weight = conv.weight.detach().flatten(1)
    assert float((weight @ stats.gram @ weight.T).trace()) == pytest.approx(float(conv(images).square().sum()))
    assert stats.rows == conv(images).numel() // 3


def test_a_model_in_training_mode_is_measured_in_evaluation_mode_and_left_as_it_was() -> None:
    model = nn.Sequential(nn.Dropout(0.9), nn.Linear(4, 2))
    seen = input_statistics(model, {"1": model[1]}, [{"input": torch.ones(3, 4)}])
    assert seen["1"].mean.tolist() == [1.0] * 4
    assert model.training
    assert model[0].training
