"""What cannot be asked of the pruner is refused in one sentence that says what came and what would do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from codesign.pruning import Block, BlockMask, PrunePlan, PruneSpec, Removal, Task, prune


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(8, 12), nn.Linear(12, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(torch.relu(self.fc1(x)))


@pytest.fixture
def model() -> Net:
    torch.manual_seed(0)
    return Net()


BATCHES = [{"x": torch.randn(6, 8)}]


@pytest.mark.parametrize("ratio", [-0.1, 1.0, 1.5, float("nan"), float("inf")])
def test_a_ratio_outside_0_to_1(ratio: float) -> None:
    with pytest.raises(ValueError, match=r"ratio: .* is not in \[0, 1\)"):
        PruneSpec(ratio=ratio)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ranking": "gobal"}, "ranking: 'gobal' is not one of global, layer"),
        ({"budget": "cycles"}, "budget: 'cycles' is not one of params, macs"),
        ({"units": ("heads",)}, "units: 'heads' is not one of neuron, query_head"),
        ({"units": ("query_head", "kv_group")}, "overlap"),
        ({"units": ("neuron",), "block": Block(4, 4)}, "one or the other"),
        ({"align": 0}, "align: 0 is not at least 1"),
    ],
)
def test_a_spec_that_means_nothing(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        PruneSpec(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "wandda"}, "did you mean wanda"),
        ({"repair": "least_square"}, "did you mean least_squares"),
        ({"options": {"norm": "l3"}}, "method magnitude: norm: .*'l1' or 'l2'"),
        ({"options": {"nrom": "l1"}}, "method magnitude: nrom: .*it takes norm"),
        (
            {"repair": "least_squares", "repair_options": {"ridge": -1.0}},
            "repair least_squares: ridge: .*greater than 0",
        ),
        ({"block": None}, "neither a block nor units"),
        ({"block": None, "units": ("query_head",)}, "no query_head in scope; what is there: neuron"),
        ({"method": "wanda", "protect": "fc", "ratio": 0.2}, "cannot be reached"),
        ({"method": "taylor"}, "loss"),
        ({"method": "bonsai"}, "give units"),
        ({"block": None, "units": ("neuron",), "ratio": 0.99}, "cannot be reached"),
    ],
)
def test_a_job_that_cannot_be_done(model: Net, changes: dict[str, object], message: str) -> None:
    spec = PruneSpec(**({"method": "magnitude", "ratio": 0.5, "block": Block(4, 4)} | changes))
    with pytest.raises(ValueError, match=message):
        prune(Task(model, spec, "fc", BATCHES))


def test_a_scope_that_finds_nothing(model: Net) -> None:
    with pytest.raises(ValueError, match=r"no prunable layer is found by 'encoder'; the model has fc1, fc2"):
        prune(Task(model, PruneSpec(ratio=0.5, block=Block(4, 4)), "encoder"))


def test_a_scope_with_a_tied_weight(model: Net) -> None:
    model.head = nn.Linear(12, 4)
    model.head.weight = model.fc2.weight
    with pytest.raises(ValueError, match="same tensor"):
        prune(Task(model, PruneSpec(ratio=0.5, block=Block(4, 4)), "fc"))


@pytest.mark.parametrize("repair", ["bias", "least_squares", "bias_sequential", "least_squares_sequential"])
def test_no_calibration(model: Net, repair: str) -> None:
    for spec in (PruneSpec("wanda", 0.5, Block(4, 4)), PruneSpec("magnitude", 0.5, Block(4, 4), repair=repair)):
        with pytest.raises(ValueError, match="calibration: no batch came"):
            prune(Task(model, spec, "fc"))


def test_weights_and_inputs_that_are_no_numbers(model: Net) -> None:
    spec = PruneSpec("wanda", 0.5, Block(4, 4))
    holed = [{"x": torch.full((2, 8), torch.nan)}]
    with pytest.raises(ValueError, match="calibration: layer fc1: its inputs hold NaN"):
        prune(Task(model, spec, "fc", holed))
    model.fc2.weight.data[0, 0] = torch.nan
    with pytest.raises(ValueError, match="layer fc2: the weight holds NaN"):
        prune(Task(model, PruneSpec("magnitude", 0.5, Block(4, 4)), "fc"))


def test_a_layer_that_calibration_does_not_reach(model: Net) -> None:
    model.spare = nn.Linear(8, 8)
    with pytest.raises(ValueError, match="layer spare: no input reached it"):
        prune(Task(model, PruneSpec("wanda", 0.5, Block(4, 4)), "", BATCHES))


def test_a_grouped_convolution_under_a_method_that_reads_inputs() -> None:
    model = nn.Sequential(nn.Conv2d(4, 4, 3, groups=2))
    batches = [{"input": torch.randn(1, 4, 6, 6)}]
    for method in ("wanda", "obs"):
        with pytest.raises(ValueError, match="grouped convolution"):
            prune(Task(model, PruneSpec(method, 0.5, Block(2, 2)), "", batches))
    with pytest.raises(ValueError, match="grouped convolution"):
        prune(Task(model, PruneSpec("random", 0.5, Block(2, 2), repair="least_squares"), "", batches))


class Sneaky(Net):
    """Reads its neurons in a second place, which the names do not show."""

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(torch.relu(self.fc1(x))) + self.fc1(x).sum(-1, keepdim=True) * (x.sum() + 1 != x.sum())


def test_a_model_that_is_not_built_as_its_names_say(model: Net) -> None:
    sneaky = Sneaky()
    with pytest.raises(ValueError, match="not built as its names say"):
        prune(Task(sneaky, PruneSpec("magnitude", 0.5, units=("neuron",)), "fc", BATCHES))


def test_masks_and_removals_of_the_wrong_shape(model: Net) -> None:
    with pytest.raises(ValueError, match="needs bool"):
        BlockMask(np.ones((2, 2), np.bool_), Block(4, 4), (12, 8))
    with pytest.raises(ValueError, match="at least 1"):
        Block(0, 4)
    plan = PrunePlan(PruneSpec(), {"fc1": BlockMask(np.zeros((1, 1), np.bool_), Block(4, 4), (4, 4))})
    with pytest.raises(ValueError, match=r"layer fc1 is \(12, 8\); the plan is of another model"):
        plan.apply(model)
    with pytest.raises(ValueError, match="no layer fc9"):
        PrunePlan(PruneSpec(), {"fc9": BlockMask(np.zeros((1, 1), np.bool_), Block(4, 4), (4, 4))}).apply(model)
    with pytest.raises(ValueError, match="no such units as fc9/neuron 3"):
        PrunePlan(PruneSpec(), removals=(Removal("fc9/neuron", (3,)),)).apply(model)
    with pytest.raises(ValueError, match="ascending"):
        Removal("fc1/neuron", (3, 3))


def test_a_plan_file_that_is_damaged_or_something_else(model: Net, tmp_path: Path) -> None:
    path = tmp_path / "plan.safetensors"
    prune(Task(model, PruneSpec(ratio=0.5, block=Block(4, 4)), "fc")).save(path)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    (tmp_path / "flipped").write_bytes(content)
    (tmp_path / "short").write_bytes(content[:-5])
    (tmp_path / "text").write_text("not a plan")
    save_file(load_file(path), tmp_path / "bare")
    for name, message in (
        ("flipped", "checksum"), ("short", "cannot be read"), ("text", "cannot be read"), ("none", "cannot be read"),
        ("bare", "format None is not"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=message):
            PrunePlan.load(tmp_path / name)
