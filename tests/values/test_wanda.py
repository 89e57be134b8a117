"""Wanda's scores: the column score of the field's reference, and a block by hand."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from codesign.pruning import Block, PruneSpec, Task
from codesign.pruning.methods.wanda import Wanda, column_score

REFERENCE = json.loads((Path(__file__).parents[1] / "data/pruning_llm.json").read_text())["flap_layer"]
WEIGHT, INPUTS = (np.array(REFERENCE["inputs"][key]) for key in ("W", "X"))


def test_column_score_is_the_published_one() -> None:
    assert column_score(WEIGHT, INPUTS) == pytest.approx(REFERENCE["WIFN"], abs=1e-9)
    tensor = column_score(torch.from_numpy(WEIGHT), torch.from_numpy(INPUTS))
    assert isinstance(tensor, torch.Tensor)
    assert tensor.numpy() == pytest.approx(REFERENCE["WIFN"], abs=1e-9)


def test_block_scores_by_hand() -> None:
    # Inputs (3, 4) and (4, 3): column norms 5 and 5, third column (0, 2): norm 2.
    layer = nn.Linear(3, 2, bias=False)
    layer.weight.data = torch.tensor([[1.0, -1.0, 2.0], [0.0, 2.0, -3.0]])
    batches = [{"input": torch.tensor([[3.0, 4.0, 0.0], [4.0, 3.0, 2.0]])}]
    task = Task(nn.Sequential(layer), PruneSpec("wanda", 0.5, Block(2, 2)), calibration=batches)
    scores = Wanda().block_scores(task, Block(2, 2))["0"]
    blocks = np.array([[5 * (1 + 1 + 0 + 2) / 4, 2 * (2 + 3) / 2]])  # each block's mean
    assert scores == pytest.approx(blocks / blocks.mean())
