"""A budget in a currency that pruning does not know: the ratio is bisected against a callable."""

import pytest
import torch
from torch import nn

from codesign.pruning import Block, PrunePlan, PruneSpec, Task, UnreachableError, prune_to


@pytest.fixture
def task() -> Task:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 16))
    return Task(model, PruneSpec("magnitude", block=Block(4, 4)))


def _columns(plan: PrunePlan) -> float:
    """Columns of blocks with anything alive in them, as a machine might skip them."""
    return float(sum(int(mask.alive.any(0).sum()) for mask in plan.masks.values()))


def test_the_least_is_removed_that_meets_the_cost(task: Task) -> None:
    plan = prune_to(task, lambda plan: plan.density, 0.7)
    assert plan.density <= 0.7
    assert plan.removed_parameters == pytest.approx(0.3 * 1024, abs=16)


def test_a_cost_in_steps_is_met_too(task: Task) -> None:
    plan = prune_to(task, _columns, 9)
    assert _columns(plan) <= 9  # of 12
    less = prune_to(task, _columns, 10)
    assert less.removed_parameters <= plan.removed_parameters


def test_a_cost_that_nothing_meets(task: Task) -> None:
    with pytest.raises(UnreachableError, match="cannot be reached"):
        prune_to(task, lambda plan: 1.0, 0.5)
