"""Bonsai: its reference prior, planted importances found again, offsets between modules, and forward passes only."""

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from codesign.pruning import PrunePlan, PruneSpec, Task, prune
from codesign.pruning.methods.bonsai import Bonsai, fit_importances, removal_probabilities, sample_masks, without
from codesign.pruning.ranking import cut_off
from codesign.pruning.repair.lora import divergence
from codesign.pruning.structure import structure

REFERENCE = json.loads((Path(__file__).parents[1] / "data/pruning_llm.json").read_text())


def test_removal_probabilities_are_the_reference() -> None:
    prior = np.array(REFERENCE["bonsai_prior"]["inputs"]["mean_metric"])
    want = REFERENCE["bonsai_prior"]["removal_prob"]
    assert removal_probabilities(prior, 0.1) == pytest.approx(want, abs=1e-9)
    assert removal_probabilities(torch.from_numpy(prior), 0.1).numpy() == pytest.approx(want, abs=1e-9)


@pytest.mark.parametrize("jitter", [True, False])
def test_sub_models_come_in_pairs_that_share_the_candidates_out(jitter) -> None:
    prior = np.random.default_rng(1).random(50)
    masks = sample_masks(prior, 0.2, 40, np.random.default_rng(0), jitter)
    candidates = removal_probabilities(prior, 0.2) > 0
    assert masks[:, ~candidates].all()
    assert (masks[0::2, candidates] ^ masks[1::2, candidates]).all()
    counts = (~masks[0::2]).sum(1)
    assert (set(counts) == {int(0.2 * 50) + 1}) is not jitter


def test_small_and_even_modules_are_sampled_as_well() -> None:
    rng = np.random.default_rng(0)
    assert sample_masks(np.ones(4), 0.25, 8, rng).shape == (8, 4)  # no unit is less than another
    assert sample_masks(np.ones(1), 0.05, 4, rng).sum() == 2  # one unit, now there and now not
    assert sample_masks(np.arange(10.0), 0.1, 5, rng, False).shape == (5, 10)  # an odd number: the last has no partner


def _tau(one: np.ndarray, two: np.ndarray) -> float:
    return float(np.mean([np.sign((one[i] - one[j]) * (two[i] - two[j])) for i, j in combinations(range(len(one)), 2)]))


def test_planted_importances_are_found_again_and_ridge_shrinks_them() -> None:
    rng = np.random.default_rng(2)
    planted = rng.normal(size=24)
    masks = rng.random((120, 24)) < 0.5
    utilities = masks @ planted + 3 + rng.normal(0, 0.1, 120)
    found = fit_importances(masks, utilities, 1e-6)
    assert found == pytest.approx(planted, abs=0.1)
    assert _tau(found, planted) > 0.95
    assert np.abs(fit_importances(masks, utilities, 1.0)).max() < np.abs(found).max()
    # The definition, solved by a general least-squares solver: rows for the units' penalty below those for the data.
    gamma = 1e-2
    design = np.vstack([np.hstack([masks, np.ones((120, 1))]) / np.sqrt(120), np.sqrt(gamma) * np.eye(25)[:24]])
    want = np.linalg.lstsq(design, np.concatenate([utilities / np.sqrt(120), np.zeros(24)]), rcond=None)[0][:24]
    assert fit_importances(masks, utilities, gamma) == pytest.approx(want, abs=1e-9)


def test_a_fit_of_more_units_than_sub_models_is_the_same_ridge() -> None:
    rng = np.random.default_rng(4)
    masks, utilities, gamma = rng.random((7, 31)) < 0.5, rng.normal(size=7), 1e-2
    found = fit_importances(masks, utilities, gamma)
    there = masks - masks.mean(0)
    normal = there.T @ there / 7 + gamma * np.eye(31)  # 31 unknowns: what the 7 x 7 system of the code stands for
    assert found == pytest.approx(np.linalg.solve(normal, there.T @ (utilities - utilities.mean()) / 7), abs=1e-9)
    wide = rng.random((20, 50_000)) < 0.5  # 20 GB if it were solved over the units
    assert np.isfinite(fit_importances(wide, rng.normal(size=20), gamma)).all()


def test_count_jitter_shows_which_module_matters_more() -> None:
    rng = np.random.default_rng(3)
    worth = [rng.uniform(0, 1, 10), 24 * rng.uniform(0, 1, 10)]
    gaps = {}
    for jitter in (True, False):
        masks = np.concatenate([sample_masks(rng.random(10), 0.5, 200, rng, jitter) for _ in worth], 1)
        beta = fit_importances(masks, masks @ np.concatenate(worth), 1e-6)
        gaps[jitter] = beta[10:].mean() - beta[:10].mean()
    truth = worth[1].mean() - worth[0].mean()
    assert gaps[True] == pytest.approx(truth, rel=0.1)
    assert abs(gaps[False] - truth) > 0.5 * truth  # the released code's way cannot know


def test_the_cut_is_the_reference() -> None:
    given = REFERENCE["bonsai_budget_cut"]["inputs"]
    order = np.argsort(given["score"])
    spent = np.concatenate([[0], np.cumsum(np.array(given["cost"])[order])])
    gone = cut_off(lambda count: float(spent[count]), len(order), given["budget"])
    keep = np.ones(6, int)
    keep[order[:gone]] = 0
    assert keep.tolist() == REFERENCE["bonsai_budget_cut"]["keep"]


def test_rounds_and_what_they_cost_are_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    want, asked, judged = REFERENCE["bonsai_schedule"], [], []
    per_round, goal = want["inputs"]["p_iter"], want["inputs"]["target"]
    one_round = Bonsai._round

    def told(self: Bonsai, task: Task, before: PrunePlan, part: Task, rng: np.random.Generator) -> PrunePlan:
        asked.append(part.spec.ratio)
        return one_round(self, task, before, part, rng)

    monkeypatch.setattr(Bonsai, "_round", told)
    options = {"per_round": per_round, "sub_models": want["submodel_evals"] // want["rounds"]}

    def utility(model: nn.Module) -> float:
        judged.append(model)
        return len(judged) % 7

    spec = PruneSpec("bonsai", goal, units=("neuron",), options=options)
    task = Task(Net().eval(), spec, calibration=[{"x": torch.randn(20, 6)}], utility=utility)
    prune(task)
    assert asked == pytest.approx(want["sparsity_after_each_round"])
    assert len(judged) == want["submodel_evals"]


def test_a_teacher_s_divergence_is_the_reference() -> None:
    want = REFERENCE["bonsai_kl"]
    student, teacher = (torch.tensor(want["inputs"][f"{who}_logits"]) for who in ("student", "teacher"))
    assert float(divergence(student, teacher)) == pytest.approx(want["kl_mean_per_token"], abs=1e-6)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 12), nn.ReLU(), nn.Linear(12, 3))

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


def test_a_silenced_unit_is_as_good_as_removed() -> None:
    torch.manual_seed(0)
    model = Net().eval()
    groups = structure(model)
    gone = {"net.0/neuron": np.array([1, 5]), "net.2/neuron": np.array([0, 11])}
    x = torch.randn(7, 6)
    zeroed = Net()
    zeroed.load_state_dict(model.state_dict())
    for name, units in (("net.0", [1, 5]), ("net.2", [0, 11])):
        zeroed.get_parameter(f"{name}.weight").data[units] = 0
        zeroed.get_parameter(f"{name}.bias").data[units] = 0
    with torch.no_grad(), without(model, list(groups.values()), gone):
        assert torch.allclose(model(x), zeroed(x), atol=1e-6)


def test_no_gradient_is_taken_and_any_utility_will_do() -> None:
    torch.manual_seed(0)
    model = Net().eval()
    x = torch.randn(200, 6)
    with torch.no_grad():
        answers = model(x).argmax(1)

    def exact_match(pruned: nn.Module) -> float:
        assert not torch.is_grad_enabled()
        return float((pruned(x).argmax(1) == answers).float().mean())

    options = {"per_round": 0.1, "sub_models": 40}
    spec = PruneSpec("bonsai", 0.3, units=("neuron",), options=options)
    task = Task(model, spec, calibration=[{"x": x}], utility=exact_match)
    with torch.inference_mode():
        plan = prune(task)
        worth = exact_match(plan.apply(model))
    total = sum(layer.weight.numel() for layer in task.layers.values())
    assert 0.3 * total - 6 - 12 <= plan.removed_parameters <= 0.3 * total
    with torch.inference_mode():
        others = [
            exact_match(prune(task.asked(PruneSpec("random", 0.3, units=("neuron",), seed=seed))).apply(model))
            for seed in range(8)
        ]
    assert worth > np.median(others)
