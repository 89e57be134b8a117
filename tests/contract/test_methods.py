"""Every member of the tables keeps its interface: same task same plan, budget, no writing into the model, described."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from codesign.pruning import METHODS, REPAIRS, Block, PrunePlan, PruneSpec, Repair, Stat, Task, method, prune
from codesign.pruning.repair.base import RepairMethod

FAST = {"bonsai": {"sub_models": 8, "per_round": 0.2}}
ONLY_UNITS = {"bonsai"}


class Net(nn.Module):
    """An MLP that says its own loss, as Hugging Face models do."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.act, self.fc2 = nn.Linear(10, 24), nn.GELU(), nn.Linear(24, 7)

    def forward(self, x: Tensor, labels: Tensor) -> dict[str, Tensor]:
        logits = self.fc2(self.act(self.fc1(x)))
        return Answer(logits, nn.functional.cross_entropy(logits, labels))


class Answer(dict[str, Tensor]):
    def __init__(self, logits: Tensor, loss: Tensor) -> None:
        super().__init__(logits=logits, loss=loss)
        self.logits, self.loss = logits, loss


@pytest.fixture(scope="module")
def model() -> Net:
    torch.manual_seed(0)
    return Net().eval()


@pytest.fixture(scope="module")
def batches(model: Net) -> list[dict[str, Tensor]]:
    torch.manual_seed(1)
    mixing = torch.randn(10, 10)  # inputs that hang together and have a mean: there is something to mend with
    return [{"x": torch.randn(16, 10) @ mixing + 1, "labels": torch.randint(0, 7, (16,))} for _ in range(3)]


UNITS = {"block": {"block": Block(4, 4)}, "neuron": {"units": ("neuron",)}}
MENDS = [(name, kind) for name in REPAIRS for kind in UNITS if (name, kind) != ("lora", "block")]
CASES = [
    (name, kind) for name in METHODS for kind in UNITS if (name, kind) not in {(one, "block") for one in ONLY_UNITS}
]


def _task(model: Net, batches: list[dict[str, Tensor]], name: str, kind: str, **changes: object) -> Task:
    spec = PruneSpec(name, 0.4, options=FAST.get(name, {}), **UNITS[kind])
    return Task(model, replace(spec, **changes), "fc", batches)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_a_method_meets_the_budget_twice_alike_and_leaves_the_model_alone(model, batches, name, kind) -> None:
    before = copy.deepcopy(model.state_dict())
    task = _task(model, batches, name, kind)
    plan = prune(task)
    unit = 16 if kind == "block" else 17
    assert 0.4 * 408 - unit < plan.removed_parameters <= 0.4 * 408
    assert prune(_task(model, batches, name, kind)) == plan
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())
    pruned = plan.apply(model)
    weights = [torch.cat([layer.weight.flatten() for layer in (one.fc1, one.fc2)]) for one in (model, pruned)]
    assert int((weights[1] == 0).sum()) - int((weights[0] == 0).sum()) == plan.removed_parameters
    assert all(parameter.grad is None and parameter.requires_grad for parameter in model.parameters())


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_a_method_asks_for_no_more_than_it_says(model, batches, name, kind, monkeypatch) -> None:
    needs = METHODS[name].needs
    from codesign.pruning import calibration

    if not {Stat.INPUTS, Stat.GRAM} & needs and name != "bonsai":
        monkeypatch.setattr(calibration, "input_statistics", None)
    if Stat.GRADIENT not in needs:
        monkeypatch.setattr(calibration, "_weight_gradients", None)
    prune(_task(model, batches, name, kind))


@pytest.mark.parametrize("name", METHODS)
def test_ratio_0_is_the_dense_model(model, batches, name) -> None:
    plan = prune(_task(model, batches, name, "neuron", ratio=0.0))
    assert plan.density == 1
    assert not plan.masks
    assert not plan.removals


@pytest.mark.parametrize("name", METHODS)
def test_a_line_of_the_table_describes_its_method(name) -> None:
    member = METHODS[name]
    assert member.name == name
    assert member.sentence.endswith(".")
    assert member.reference or name == "random"
    assert method(PruneSpec(name, options=member.options)) == member.kind()
    assert isinstance(member.needs, frozenset)


@pytest.mark.parametrize(("name", "kind"), MENDS)
def test_a_repair_mends_any_plan_and_brings_nothing_back(model, batches, name, kind) -> None:
    options = {"steps": 60, "learning_rate": 0.01, "kl_weight": 10.0} if name == "lora" else {}
    task = _task(model, batches, "random", kind, repair=name, repair_options=options)
    plan, bare = prune(task), prune(_task(model, batches, "random", kind))
    assert plan.removals == bare.removals
    assert all(np.array_equal(mask.alive, bare.masks[layer].alive) for layer, mask in plan.masks.items())
    dead = [bare.apply(model).get_submodule(layer).weight == 0 for layer in ("fc1", "fc2")]
    mended = plan.apply(model)
    weights = [mended.get_submodule(layer).weight for layer in ("fc1", "fc2")]
    assert not any(weight[gone].any() for weight, gone in zip(weights, dead, strict=True))
    x = torch.cat([batch["x"] for batch in batches])
    labels = torch.cat([batch["labels"] for batch in batches])
    with torch.no_grad():
        want, *got = (one(x, labels).logits for one in (model, bare.apply(model), mended))
    errors = [float((want - logits).square().mean()) for logits in got]
    assert errors[1] < 0.8 * errors[0]  # on its own calibration data, with much to mend


class Doubled(RepairMethod):
    """A stranger's repair."""

    def repair(self, task: Task, plan: PrunePlan) -> PrunePlan:
        return replace(
            plan, repairs={name: Repair(bias=torch.ones(len(mask.expand()))) for name, mask in plan.masks.items()}
        )


def test_a_plan_takes_any_repair(model, batches) -> None:
    task = _task(model, batches, "magnitude", "block")
    assert Doubled().repair(task, prune(task)).apply(model).fc1.bias.tolist() == [1.0] * 24
