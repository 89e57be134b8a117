"""What holds for every plan of blocks: the budget, the zeros, the round trip, and that mending never makes it worse."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from codesign.pruning import REPAIRS, Block, BlockMask, PrunePlan, PruneSpec, Task, prune

blocks = st.builds(Block, st.integers(1, 9), st.integers(1, 9))
ratios = st.floats(0, 0.95)


class Net(nn.Module):
    def __init__(self, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.first, self.second = nn.Linear(11, 14), nn.Linear(14, 6, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.second(torch.relu(self.first(x)))


def _task(spec: PruneSpec, seed: int = 0) -> Task:
    model = Net(seed)
    mixed = torch.randn(11, 11)
    return Task(model, spec, calibration=[{"x": torch.randn(20, 11) @ mixed} for _ in range(2)])


@settings(max_examples=60, deadline=None)
@given(blocks, ratios, st.sampled_from(["magnitude", "random", "wanda"]), st.sampled_from(["global", "layer"]))
def test_the_budget_is_met_within_one_block(block: Block, ratio: float, method: str, ranking: str) -> None:
    task = _task(PruneSpec(method, ratio, block, ranking=ranking))
    plan = prune(task)
    assert plan.scope_parameters == 11 * 14 + 14 * 6
    short = ratio * plan.scope_parameters - plan.removed_parameters
    largest = max(int(block.sizes(shape).max()) for shape in ((14, 11), (6, 14)))
    assert -1e-6 <= short < largest
    pruned = plan.apply(task.model)
    zeros = sum(int((layer.weight == 0).sum()) for layer in (pruned.first, pruned.second))
    assert zeros == plan.removed_parameters
    assert plan.density == pytest.approx(1 - plan.removed_parameters / plan.scope_parameters)


@settings(max_examples=20, deadline=None)
@given(blocks, ratios, st.sampled_from(sorted(REPAIRS.keys() - {"lora"})))  # which takes whole units only
def test_a_repair_never_brings_a_dead_weight_back_and_the_plan_survives_the_disk(
    tmp_path_factory: pytest.TempPathFactory, block: Block, ratio: float, repair: str
) -> None:
    task = _task(PruneSpec("magnitude", ratio, block, repair=repair))
    plan = prune(task)
    for name, mask in plan.masks.items():
        weight = plan.repairs[name].weight if name in plan.repairs else None
        assert weight is None or not weight[torch.from_numpy(~mask.expand())].any()
    path = Path(tmp_path_factory.mktemp("plan")) / "plan.safetensors"
    plan.save(path)
    assert PrunePlan.load(path) == plan
    x = task.calibration[0]["x"]
    with torch.no_grad():
        assert torch.equal(PrunePlan.load(path).apply(task.model)(x), plan.apply(task.model)(x))


@settings(max_examples=40, deadline=None)
@given(blocks, ratios, st.integers(0, 20))
def test_on_calibration_data_least_squares_is_never_worse_than_nothing(block: Block, ratio: float, seed: int) -> None:
    task = _task(PruneSpec("random", ratio, block, repair="least_squares", seed=seed), seed)
    plan = prune(task)
    for view in task.gram_views():
        if view.name not in plan.repairs:
            continue
        gram = view.stats.gram + 1e-2 * view.stats.gram.diagonal().mean() * torch.eye(view.shape[1])
        alive = torch.from_numpy(plan.masks[view.name].expand())
        repaired, plain = plan.repairs[view.name].weight, view.weight * alive
        errors = [float(((view.weight - w).double() @ gram * (view.weight - w)).sum()) for w in (repaired, plain)]
        assert errors[0] <= errors[1] * (1 + 1e-6) + 1e-9


@given(st.integers(1, 30), st.integers(1, 30), blocks, st.integers(0, 99))
def test_block_sums_are_sums_over_blocks(out: int, width: int, block: Block, seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=(out, width))
    sums = block.sum(values)
    assert sums.shape == block.grid((out, width))
    for row, col in np.ndindex(sums.shape):
        part = values[row * block.rows : (row + 1) * block.rows, col * block.cols : (col + 1) * block.cols]
        assert sums[row, col] == pytest.approx(part.sum())
        assert block.sizes((out, width))[row, col] == part.size
    assert torch.allclose(block.sum(torch.from_numpy(values)), torch.from_numpy(sums))


@given(st.integers(1, 30), st.integers(1, 30), blocks, st.integers(0, 99))
def test_a_mask_counts_what_it_expands_to(out: int, width: int, block: Block, seed: int) -> None:
    mask = BlockMask(np.random.default_rng(seed).random(block.grid((out, width))) < 0.5, block, (out, width))
    assert mask.expand().shape == (out, width)
    assert mask.live_weights == mask.expand().sum()
