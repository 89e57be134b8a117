"""FLAP against its reference: scores, bias, the identity behind both, and a global search by hand."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from codesign.pruning import LayerView
from codesign.pruning.methods.bonsai import fit_importances, removal_probabilities, sample_masks
from codesign.pruning.methods.flap import Flap, bias_compensation, global_keep, standardise, wifv
from codesign.pruning.methods.magnitude import block_score
from codesign.pruning.methods.wanda import column_score
from codesign.pruning.statistics import InputStats

REFERENCE = json.loads((Path(__file__).parents[1] / "data/pruning_llm.json").read_text())["flap_layer"]
WEIGHT, INPUTS = (np.array(REFERENCE["inputs"][key]) for key in ("W", "X"))
ROWS = INPUTS.reshape(-1, 6)
KEEP = np.array(REFERENCE["keep_mask"])


@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy])
def test_wifv_and_bias_are_the_published_ones(kind) -> None:
    score = wifv(kind(WEIGHT), kind(ROWS))
    bias = bias_compensation(kind(WEIGHT), kind(ROWS.mean(0)), kind(KEEP))
    assert type(score) is type(kind(WEIGHT))
    assert np.asarray(score) == pytest.approx(REFERENCE["WIFV_exact"], abs=1e-9)
    assert np.asarray(bias) == pytest.approx(REFERENCE["bias"], abs=1e-9)
    assert np.asarray(bias_compensation(kind(WEIGHT), kind(ROWS.mean(0)), kind(KEEP == 1))) == pytest.approx(bias)


def test_the_residual_is_the_covariance_of_what_goes() -> None:
    gone = KEEP == 0
    bias = bias_compensation(WEIGHT, ROWS.mean(0), KEEP)
    error = ROWS @ WEIGHT.T - (ROWS * KEEP @ WEIGHT.T + bias)
    covariance = np.cov(ROWS[:, gone], rowvar=False, ddof=0)
    assert (error**2).sum(1).mean() == pytest.approx(REFERENCE["mse_with_bias"])
    assert np.trace(WEIGHT[:, gone] @ covariance @ WEIGHT[:, gone].T) == pytest.approx(
        REFERENCE["identity_trace_WcovW"]
    )


@pytest.mark.parametrize(("metric", "key"), [("wifv", "WIFV_exact"), ("ifv", "IFV_exact")])
def test_streaming_gives_the_same_column_scores(metric, key) -> None:
    stats = InputStats(6, torch.device("cpu"), gram=False)
    for sample in INPUTS:
        stats.add(torch.from_numpy(sample))
    layer = LayerView("down_proj", torch.from_numpy(WEIGHT), inputs=stats)
    assert Flap(metric=metric).column_score(layer).numpy() == pytest.approx(REFERENCE[key], abs=1e-8)


def test_standardised_scores_have_mean_0_and_deviation_1_in_each_row() -> None:
    scores = standardise(np.array([[1.0, 2.0, 3.0], [10.0, 10.0, 40.0]]))
    # Row 2: mean 20, deviations -10, -10, 20; their mean square is 200.
    assert scores[1] == pytest.approx(np.array([-10, -10, 20]) / np.sqrt(200))
    assert scores.mean(1) == pytest.approx([0, 0])
    assert standardise(np.full(3, 7.0)).tolist() == [0, 0, 0]


def test_a_global_search_by_hand() -> None:
    # Costs: heads 2 each, neurons 1 each; whole 8. A tenth less than half goes: 1 - 0.4 of 8 is 4.8.
    heads, neurons = np.array([0.9, -0.5]), np.array([0.7, -0.9, 0.1, -0.2])
    # In descending order: 0.9 (2), 0.7 (3), 0.1 (4), -0.2 (5), ...: 5 is nearest to 4.8, so the threshold is -0.2.
    keep = global_keep([heads, neurons], [2.0, 1.0], 0.4)
    assert [mask.tolist() for mask in keep] == [[True, False], [True, False, True, False]]
    tensors = global_keep([torch.from_numpy(heads), torch.from_numpy(neurons)], [2.0, 1.0], 0.4)
    assert [mask.tolist() for mask in tensors] == [mask.tolist() for mask in keep]
    assert all(mask.all() for mask in global_keep([heads, neurons], [2.0, 1.0], 0.0))


def test_the_scale_of_a_layer_does_not_move_its_masks() -> None:
    rng = np.random.default_rng(0)
    raw = [rng.random(8) for _ in range(3)]
    plain = global_keep([standardise(one) for one in raw], [1.0] * 3, 0.4)
    scaled = global_keep(
        [standardise(one * scale) for one, scale in zip(raw, (1, 1000, 1e-3), strict=True)], [1.0] * 3, 0.4
    )
    assert all(np.array_equal(one, two) for one, two in zip(plain, scaled, strict=True))


@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy])
def test_what_has_no_score_is_refused_and_what_is_alike_scores_alike(kind) -> None:
    hole = WEIGHT.copy()
    hole[0, 0] = np.nan
    with pytest.raises(ValueError, match="a sample variance wants two samples, but 1 came"):
        wifv(kind(WEIGHT), kind(ROWS[:1]))
    for refused in (
        lambda: wifv(kind(hole), kind(ROWS)),
        lambda: standardise(kind(hole)),
        lambda: global_keep([kind(hole[0])], [1.0], 0.2),
        lambda: column_score(kind(hole), kind(ROWS)),
        lambda: block_score(kind(hole), (3, 4)),
        lambda: fit_importances(kind(hole), kind(np.ones(len(hole))), 0.1),
        lambda: removal_probabilities(kind(hole[0]), 0.2),
    ):
        with pytest.raises(ValueError, match="NaN or infinite"):
            refused()
    for ratio in (-0.1, 1.0, float("nan")):
        with pytest.raises(ValueError, match=r"is not in \[0, 1\)"):
            global_keep([kind(ROWS[0])], [1.0], ratio)
        with pytest.raises(ValueError, match=r"is not in \[0, 1\)"):
            removal_probabilities(kind(ROWS[0]), ratio)
    assert standardise(kind(np.full(3, 0.1))).tolist() == [0, 0, 0]  # 0.1 has no exact mean
    assert sample_masks(kind(ROWS[0]), 0.0, 3, np.random.default_rng(0)).all(), "at ratio 0 nothing goes"
