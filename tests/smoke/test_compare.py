"""`codesign compare` end to end, on a model that takes no time; and a Python facade that says the same."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

import codesign
import hw_models
from codesign.explore.design import Design
from codesign.explore.stages import Loaded
from codesign.pruning import Block, PrunePlan, PruneSpec, UnreachableError
from codesign.quality import Quality
from codesign.workloads.base import Data, Request, Workload


def _toy() -> Workload:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64)).eval()
    inputs = torch.randn(120, 64)

    class Distance:
        name = "distance"

        def __call__(self, pruned: nn.Module, data: Data, progress: object = None) -> Quality:
            with torch.inference_mode():
                far = (pruned(data.evaluation) - model(data.evaluation)).square().mean().item()  # type: ignore[operator]
            return Quality("distance", far, "1", "min", 20, far, far, far)

    request = Request(lambda one: one(torch.empty(8, 64, device=next(one.parameters()).device)), {"batch": 8})
    data = Data([{"input": inputs[:100]}], inputs[100:], request, "toy")
    return Workload(model, data, Distance(), "toy", {"all": "."}, "all", "made up")


def test_the_facade_goes_from_a_model_to_a_cost() -> None:
    workload = _toy()
    plan = codesign.prune(workload, method="magnitude", ratio=0.5, block=(16, 16))
    assert plan.density == pytest.approx(0.5)
    dense, pruned = codesign.evaluate(workload), codesign.evaluate(workload, plan)
    assert dense.value == 0.0 < pruned.value
    mended = codesign.prune(workload, method="magnitude", ratio=0.5, block=(16, 16), repair="least_squares")
    assert codesign.evaluate(workload, mended).value < pruned.value, "repair mends"
    machine = hw_models.Hardware.load("edge16")
    before, after = (hw_models.simulate(codesign.lower(workload, one), machine) for one in (None, plan))
    assert after.cycles < before.cycles
    with pytest.raises(ValueError, match="did you mean 'all'"):
        codesign.prune(workload, ratio=0.5, block=(16, 16), scope="alll")


@pytest.mark.parametrize("method", ["magnitude", "random"])
def test_a_budget_in_cycles_is_met_on_its_machine_and_hardly_more(method: str) -> None:
    loaded, machine = Loaded(_toy()), hw_models.Hardware.load("edge8")

    def cycles(plan: PrunePlan | None) -> int:
        return hw_models.simulate(loaded.lower(plan), machine).cycles

    spec = PruneSpec(method, 0.2, Block(8, 8), scope="all", repair="least_squares")
    plan, dense = loaded.prune_to_cycles(spec, machine, "auto"), cycles(None)
    assert 0.75 * dense < cycles(plan) <= 0.8 * dense
    assert plan.repairs, "what was found is mended"
    one_block_less = loaded.prune(replace(spec, ratio=(plan.removed_parameters - 64) / plan.scope_parameters))
    assert cycles(one_block_less) > cycles(plan)
    with pytest.raises(UnreachableError, match="cannot be reached"):
        loaded.prune_to_cycles(replace(spec, ratio=0.99), machine, "auto")


def test_only_a_budget_in_cycles_ties_a_plan_to_its_machine() -> None:
    def plans(budget: str) -> set[str]:
        prune = {"ratio": 0.1, "block": 8, "budget": budget}
        return {
            Design.model_validate(
                {
                    "workload": {"name": "vit"},
                    "prune": prune,
                    "hardware": {"base": base},
                    "reference": {"base": "edge8"},
                }
            ).plan_key()
            for base in ("edge8", "edge16")
        }

    assert (len(plans("params")), len(plans("macs")), len(plans("cycles"))) == (1, 1, 2)


def test_the_facade_lowers_any_module() -> None:
    workload = _toy()
    plan = codesign.prune(workload, ratio=0.5, block=(16, 16))
    program = codesign.lower(workload.model, torch.empty(8, 64), plan)
    assert program.macs == 2 * 8 * 64 * 64
    for same in (codesign.lower(workload, plan), codesign.lower(workload, plan=plan)):
        assert repr(same.ops) == repr(program.ops)
    with pytest.raises(ValueError, match="a Sequential is no workload: say on which inputs it runs"):
        codesign.lower(workload.model, plan)  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="a workload has its own request"):
        codesign.lower(workload, torch.empty(8, 64))  # type: ignore[call-overload]


def test_a_sweep_from_python_is_a_table(tmp_path: Path) -> None:
    space = {
        "workload": {"shapes": "sasp-libritrans", "seq": 16},
        "prune": {"method": "random", "ratio": [0.0, 0.5], "block": 16},
        "hardware": {"base": "edge16", "array.size": [16, 32]},
    }
    rows = codesign.sweep(space, store=tmp_path / "store", workers=1)
    assert len(rows) == 4
    own = rows[(rows["array_rows"] == 16) & (rows["pruned_ratio"] == 0.5)].iloc[0]
    coarse = rows[(rows["array_rows"] == 32) & (rows["pruned_ratio"] == 0.5)].iloc[0]
    assert own["tile_density"] < 0.6 < coarse["tile_density"], "blocks smaller than tiles save little"
    assert json.loads(own["design_json"])["prune"]["block"] == "16x16"


def test_a_method_is_written_with_its_options_and_repair() -> None:
    from codesign.cli.compare import asked

    assert asked("wanda") == {"method": "wanda", "repair": "none"}
    assert asked("flap:bias=false,metric=ifv+sequential") == {
        "method": "flap",
        "repair": "sequential",
        "options": {"bias": False, "metric": "ifv"},
    }
