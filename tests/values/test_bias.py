"""Bias compensation against the stored layer of the FLAP reference."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from codesign.pruning import Block, BlockMask, LayerView
from codesign.pruning.repair.bias import Bias
from codesign.pruning.statistics import InputStats

REFERENCE = json.loads((Path(__file__).parents[1] / "data/pruning_llm.json").read_text())["flap_layer"]


def test_the_mean_output_is_kept() -> None:
    weight, inputs = (torch.tensor(REFERENCE["inputs"][key], dtype=torch.float64) for key in ("W", "X"))
    rows = inputs.flatten(0, 1)
    stats = InputStats(6, rows.device, gram=False)
    stats.add(rows)
    mask = BlockMask(np.array([REFERENCE["keep_mask"]], dtype=bool), Block(4, 1), (4, 6))
    bias = Bias().mend(LayerView("o_proj", weight, inputs=stats), mask).bias
    assert bias is not None
    assert bias.numpy() == pytest.approx(REFERENCE["bias"], abs=1e-9)
    kept = weight * torch.from_numpy(mask.expand())
    error = rows @ weight.T - (rows @ kept.T + bias)
    assert error.mean(0).abs().max() < 1e-12
    assert float(error.square().sum(1).mean()) == pytest.approx(REFERENCE["mse_with_bias"])
