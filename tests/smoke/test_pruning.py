"""On a real model the methods come out in the order that their papers claim: at 20 % of the encoder's feed-forward blocks."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from codesign.pruning import Block, PruneSpec, Task, prune
from codesign.pruning.statistics import Batch
from codesign.workloads import load
from codesign.workloads.speech.checkpoint import load_checkpoint
from codesign.workloads.speech.samples import teacher_forced


@pytest.fixture(scope="module")
def task() -> Task:
    workload = load("speech", data="librivox")
    return Task(workload.model, PruneSpec(), workload.scopes["encoder-ff"], workload.data.calibration)


@pytest.fixture(scope="module")
def sentences() -> list[Batch]:
    workload = load("speech", data="librivox")
    checkpoint = load_checkpoint("tiny.en")
    return [teacher_forced(checkpoint, utterance, 30.0) for utterance in workload.data.evaluation]


def _loss(model: nn.Module, sentences: list[Batch]) -> float:
    with torch.inference_mode():
        return sum(float(model(**sentence).loss) for sentence in sentences) / len(sentences)


def test_wanda_beats_magnitude_and_chance_and_repair_beats_wanda(task: Task, sentences: list[Batch]) -> None:
    specs = {
        "repaired": PruneSpec("wanda", 0.2, Block(8, 8), repair="least_squares"),
        "wanda": PruneSpec("wanda", 0.2, Block(8, 8)),
        "magnitude": PruneSpec("magnitude", 0.2, Block(8, 8)),
        "random": PruneSpec("random", 0.2, Block(8, 8)),
    }
    plans = {name: prune(task.asked(spec)) for name, spec in specs.items()}
    assert len({round(plan.removed_parameters / 64) for plan in plans.values()}) == 1
    losses = {name: _loss(plan.apply(task.model), sentences) for name, plan in plans.items()}
    dense = _loss(task.model, sentences)
    assert dense < losses["repaired"] < losses["wanda"]
    assert losses["wanda"] < min(losses["magnitude"], losses["random"])


def test_neurons_by_flap_beat_chance_and_its_bias_helps(task: Task, sentences: list[Batch]) -> None:
    specs = {
        "flap": PruneSpec("flap", 0.2, units=("neuron",)),
        "bare": PruneSpec("flap", 0.2, units=("neuron",), options={"bias": False}),
        "random": PruneSpec("random", 0.2, units=("neuron",)),
    }
    losses = {name: _loss(prune(task.asked(spec)).apply(task.model), sentences) for name, spec in specs.items()}
    assert losses["flap"] < losses["bare"] < losses["random"]
