"""codesign/workloads: each member of the table keeps the interface of base.py."""

import copy
import pickle
import re
import subprocess
import sys

import pytest
import torch
from torch import nn

from codesign.quality import METRICS, Quality
from codesign.workloads import WORKLOADS, Workload, load, progress
from codesign.workloads.digest import model_digest

SMALL = {  # options that make a member small enough for a test; every member must have some
    "speech": {"data": "librivox", "limit": 2, "tokens": 3},
    "llm": {"window": 64, "limit": 2, "calibration_windows": 2, "seq": 16, "tokens": 2},
    "vit": {"limit": 16, "calibration": 8},
    "cnn": {"data": "mnist-5k", "epochs": 1, "limit": 64, "calibration": 8},
    "mlp": {"data": "mnist-5k", "epochs": 1, "limit": 64, "calibration": 8},
}
WORTH = {"wer": (0.0, 0.15), "perplexity": (5.0, 80.0), "accuracy": (0.7, 1.0)}
"""Where the dense quality must lie, on a few samples: weights that were read wrong say nothing at all."""


def test_every_member_has_small_options():
    assert SMALL.keys() == WORKLOADS.keys()


@pytest.fixture(scope="module", params=list(WORKLOADS))
def workload(request) -> Workload:
    return load(request.param, **SMALL[request.param])


def prunable(workload: Workload) -> dict[str, nn.Module]:
    kinds = (nn.Linear, nn.Conv1d, nn.Conv2d)
    return {name: layer for name, layer in workload.model.named_modules() if isinstance(layer, kinds)}


def test_the_table_describes_it():
    for name, entry in WORKLOADS.items():
        assert entry.name == name
        assert entry.sentence
        assert entry.metric
        assert all(field.description for field in entry.home.OPTIONS.model_fields.values()), (
            f"{name}: undescribed option"
        )


def test_scopes_find_layers_and_the_default_is_one_of_them(workload):
    assert workload.default_scope in workload.scopes
    for scope, pattern in workload.scopes.items():
        found = [name for name in prunable(workload) if re.search(pattern, name)]
        assert found, f"{scope} finds no layer"
        assert not any("proj_out" in name or "lm_head" in name for name in found)


def test_the_request_runs_on_meta_and_states_numbers(workload):
    assert {"batch"} <= workload.data.request.facts.keys()
    with torch.no_grad():
        here = workload.data.request.run(workload.model)
    there = workload.data.request.run(copy.deepcopy(workload.model).to("meta"))
    assert there.device.type == "meta"
    assert there.shape == here.shape
    assert here.isfinite().all()


def test_calibration_batches_are_the_model_s_own_arguments(workload):
    assert len(workload.data.calibration)
    batch = workload.data.calibration[0]
    assert all(isinstance(value, torch.Tensor) and value.device.type == "cpu" for value in batch.values())
    with torch.no_grad():
        assert workload.model(**batch).loss.isfinite()


def test_quality_is_real_repeatable_and_leaves_the_model_alone(workload):
    before = model_digest(workload.model)
    seen: list[tuple[int, int]] = []
    first = workload.metric(workload.model, workload.data, lambda done, of: seen.append((done, of)))
    assert isinstance(first, Quality)
    assert workload.metric(workload.model, workload.data) == first
    assert first.metric == workload.metric.name
    entry = METRICS[first.metric]
    assert (first.unit, first.goal) == (entry.unit, entry.goal)
    assert (
        first.n == len(workload.data.evaluation) == SMALL[workload.name if workload.name in SMALL else "mlp"]["limit"]
    )
    assert first.low <= first.value <= first.high
    assert [of for _, of in seen] == [first.n] * len(seen)
    assert seen[-1][0] == first.n
    assert sorted(seen) == seen
    assert model_digest(workload.model) == before
    lowest, highest = WORTH[first.metric]
    assert lowest <= first.value <= highest


def test_it_is_described_and_nothing_is_trained_on(workload):
    assert workload.source
    assert workload.data.note
    assert len(workload.data.digest) == 64
    assert not any(parameter.requires_grad for parameter in workload.model.parameters())
    assert not workload.model.training


def test_what_judges_it_can_be_sent_to_another_process(workload):
    again = pickle.loads(pickle.dumps((workload.metric, workload.data.request)))
    assert again[1].facts == workload.data.request.facts


def test_the_small_vit_that_ships_knows_clothes():
    workload = load("vit", model="small-vit", limit=1000, calibration=8)
    found = workload.metric(workload.model, workload.data)
    assert found.value > 0.83
    assert workload.data.request.facts == {"image": 28, "channels": 1, "batch": 1, "seq": 16}
    assert all(re.search(workload.scopes["all-linear"], name) or name in ("patches", "head")
               for name in prunable(workload))  # fmt: skip


def test_digests_tell_models_and_data_apart():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
    same, other = copy.deepcopy(model), copy.deepcopy(model)
    with torch.no_grad():
        other[1].weight[0, 0] += 1e-6
    assert model_digest(same) == model_digest(model)
    assert model_digest(other) != model_digest(model)
    swapped = nn.Sequential(model[1], model[0])
    assert model_digest(swapped) != model_digest(model)
    assert model_digest(copy.deepcopy(model).to(torch.bfloat16)) != model_digest(model)


def test_ls_tells_the_options_of_each():
    from codesign.explore.catalogue import members

    told = {str(one["name"]): str(one["options"]) for one in members("workloads")}
    assert told.keys() >= WORKLOADS.keys()
    assert "window_s=30.0" in told["speech"]
    assert "seq=512, kv=0, tokens=0" in told["llm"]


def test_progress_is_told_to_the_log_now_and_then(caplog, monkeypatch):
    times = iter([0.0, 4.0, 6.0, 6.0, 7.0])
    monkeypatch.setattr(progress, "monotonic", lambda: next(times))
    tell = progress.logged("wer")
    with caplog.at_level("INFO"):
        for done in (1, 2, 3):
            tell(done, 3)
    assert caplog.messages == ["wer: 2 of 3 samples"]


def test_the_table_is_read_without_torch():
    code = "import sys; from codesign.workloads import WORKLOADS; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("name", "options", "limit"),
    [
        ("llm", {"window": 64}, 15),
        ("llm", {"data": "arithmetic", "window": 64}, 100),
        ("vit", {"model": "small-vit", "calibration": 8}, 1200),
        ("speech", {}, 50),
    ],
)
def test_a_limit_beyond_the_usual_number_of_samples_is_met(name, options, limit) -> None:
    assert len(load(name, **options, limit=limit).data.evaluation) == limit
