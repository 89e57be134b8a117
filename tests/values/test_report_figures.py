"""What the figures say, worked by hand: admissible rates, host sensitivity, losses, fronts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure

from codesign.report.build import endings
from codesign.report.figures.admissible import admissible_table, crossing
from codesign.report.figures.layers import by_kind, kind_of
from codesign.report.figures.methods import methods
from codesign.report.figures.sensitivity import host_share, speedup
from codesign.report.labels import labelled
from codesign.report.results import ALLOWED, Results, on_front
from codesign.report.scales import QualityScale
from codesign.report.style import print_quality
from codesign.rows import Row
from codesign.rows.frame import frame


def test_the_rate_at_which_two_points_are_lost_lies_on_the_line_between() -> None:
    curve = [(0.0, 0.0, 1.0), (0.1, 1.0, 1.1), (0.2, 5.0, 1.2)]
    assert crossing(curve, 2.0) == pytest.approx((0.125, 1.125))
    assert crossing(curve, 1.0) == pytest.approx((0.1, 1.1))
    assert crossing(curve, 9.0) == (0.2, 1.2), "beyond the last rate that was measured nothing is said"


def test_admissible_rates_of_made_rows(made_rows: list[Row]) -> None:
    table = admissible_table(labelled(frame(made_rows)))
    assert table is not None
    # made rows: WER = 0.03 + ratio * 0.35 * (side / 4) ** 0.25 with repair; 1 point is lost at ratio 0.01 / 0.35 on 4x4
    row = table[(table["method"] == "wanda + least_squares") & (table["block"] == 4) & (table["loss"] == 1.0)]
    assert row["rate"].item() == pytest.approx(0.01 / 0.35)
    falls = table[(table["method"] == "wanda + least_squares") & (table["loss"] == 5.0)].sort_values("block")["rate"]
    assert falls.is_monotonic_decreasing


def test_seeds_are_averaged_before_a_curve_is_drawn_through_them(made_rows: list[Row]) -> None:
    # A tenth gone loses 2 points with one seed, 0 with the other: 1 on average.
    own = [row for row in made_rows if row.array_rows == 4 and row.method == "magnitude" and row.pruned_ratio == 0.1]
    seeds = [replace(own[0], seed=number, quality=quality) for number, quality in enumerate((0.05, 0.03))]
    table = admissible_table(labelled(frame(seeds)))
    assert table is not None
    assert table[table["loss"] == 1.0]["rate"].item() == pytest.approx(0.1)


def test_losses_point_the_right_way() -> None:
    rows = pd.DataFrame(
        {
            "quality": [0.05],
            "quality_dense": [0.03],
            "quality_metric": "wer",
            "quality_unit": "ratio",
            "quality_goal": "min",
        }
    )
    scale = QualityScale.of(rows)
    assert scale is not None
    assert scale.lost(rows)[0] == pytest.approx(2.0), "points of word error rate"
    better = rows.assign(quality_goal="max", quality_metric="accuracy", quality=0.8, quality_dense=0.9)
    other = QualityScale.of(better)
    assert other is not None
    assert other.lost(better)[0] == pytest.approx(10.0)
    nats = rows.assign(quality_unit="1", quality_metric="perplexity", quality=22.0, quality_dense=20.0)
    third = QualityScale.of(nats)
    assert third is not None
    assert third.lost(nats)[0] == pytest.approx(10.0), "per cent of the dense perplexity"


def test_a_method_has_one_colour_in_every_panel_whatever_order_rows_came_in(made_rows, tmp_path: Path) -> None:
    small, large = ([row for row in made_rows if row.array_rows == side] for side in (4, 8))
    lines = "".join(row.to_json() + "\n" for row in [*small, *reversed(large)])
    (tmp_path / "rows.jsonl").write_text(lines)
    with print_quality():
        figure = methods(Results.load(tmp_path), made_rows[0].workload)
    assert figure is not None
    drawn = [{line.get_label(): line.get_color() for line in axes.lines} for axes in figure.axes]
    assert len(drawn) == 6
    assert len(drawn[0]) > 1
    assert all(panel == drawn[0] for panel in drawn)


def test_an_axis_of_quality_leaves_out_what_breaks_a_constraint() -> None:
    rows = pd.DataFrame({
        "quality": [20.0, 25.0, 1e6], "quality_n": 12, "quality_metric": "perplexity", "quality_unit": "1",
        "quality_goal": "min", ALLOWED: [True, True, False],
    })  # fmt: skip
    scale = QualityScale.of(rows)
    assert scale is not None
    axes = Figure().subplots()
    scale.draw_axis(axes, rows)
    assert axes.get_ylim() == pytest.approx((0, 25.6))
    scale.draw_axis(axes, rows.assign(**{ALLOWED: True}))
    assert axes.get_yscale() == "log"
    assert axes.get_ylim()[1] > 1e6


def test_host_cycles_scale_alone() -> None:
    table = pd.DataFrame(
        {"cycles": [60, 40], "host_cycles": [0, 40], "cycles_dense": [100, 40], "host_cycles_dense": [0, 40]}
    )
    assert speedup(table, 1.0) == pytest.approx(140 / 100)
    assert speedup(table, 0.5) == pytest.approx(120 / 80)
    assert speedup(table, 2.0) == pytest.approx(180 / 140)
    assert host_share(table, 2.0) == pytest.approx(80 / 140)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("model.encoder.layers.3.fc1", "encoder fc1"),
        ("model.decoder.layers.0.self_attn.q_proj", "decoder self_attn q_proj"),
        ("lm_head", "lm_head"),
    ],
)
def test_layers_that_differ_in_their_number_are_one_kind(name: str, kind: str) -> None:
    assert kind_of(name) == kind


def test_kinds_add_up() -> None:
    names = ["a.0.fc1", "a.1.fc1", "a.0.softmax"]
    table = pd.DataFrame(
        {"name": names, "kind": ["gemm", "gemm", "host"], "cycles": [1, 2, 4], "cycles_dense": [10, 20, 4]}
    )
    groups = by_kind(table)
    assert groups.loc["a fc1"].tolist() == [3, 30]
    assert groups.loc["host: a softmax"].tolist() == [4, 4]


def test_the_front_of_made_rows_ends_at_the_dense_model(made_rows: list[Row]) -> None:
    rows = frame(made_rows)
    best = rows[on_front(rows)]
    assert set(best["array_rows"]) == {32}
    assert (best["repair"] == "least_squares")[best["pruned_ratio"] > 0].all()


def test_files_of_several_workloads_are_told_apart_in_few_words() -> None:
    assert endings(["llm limit=6"]) == {"llm limit=6": ""}
    assert endings(["speech", "llm limit=6"]) == {"speech": "speech", "llm limit=6": "llm"}
    assert endings(["llm", "llm limit=6"]) == {"llm": "llm", "llm limit=6": "llm-limit-6"}
