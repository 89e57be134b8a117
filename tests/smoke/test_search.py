"""A search finds in few evaluations what a sweep of everything finds, beats chance, and goes on where it stopped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codesign.explore.screen import analytic
from codesign.explore.search import search
from codesign.explore.space import Space
from codesign.explore.sweep import sweep
from codesign.report.searches import summaries, ways
from codesign.rows.frame import read

SPACE = Space.of(
    {
        "workload": {"shapes": "sasp-libritrans", "seq": 32},
        "prune": {"method": "random", "ratio": [0.0, 0.25, 0.5, 0.75], "block": [8, 32]},
        "hardware": {
            "base": "edge16",
            "host.kind": "vector_unit",
            "array.rows": [4, 8, 16, 32],
            "array.cols": [4, 8, 16, 32],
            "dram.bandwidth_gb_s": [3.2, 12.8],
        },
        "objectives": ["latency_ms", "area_mm2"],
    }
)


@pytest.mark.slow
def test_a_search_is_better_than_chance_and_resumes(tmp_path: Path) -> None:
    sweep(SPACE.designs(), tmp_path, workers=2)
    rows = read(tmp_path)
    assert len(rows) == 4 * 2 * 16 * 2
    search(SPACE, tmp_path, budget=15, samplers=("random", "tpe"), workers=2)
    first = {way.sampler: way.points.tolist() for way in ways(tmp_path)}
    search(SPACE, tmp_path, budget=40, samplers=("random", "tpe"), workers=2)
    for way in ways(tmp_path):
        assert way.points.tolist()[:15] == first[way.sampler], "what was found stays found"
        assert len(way.points) == 40
    share = {one["sampler"]: one["share"] for one in summaries(tmp_path)}
    assert share["tpe"] >= share["random"] - 0.01
    assert share["tpe"] > 0.97, "of the true hypervolume: the store holds the whole space"
    assert len(read(tmp_path)) == len(rows), "what is known is not evaluated again"


def test_no_row_is_better_than_its_bound(tmp_path: Path) -> None:
    designs = list(SPACE.designs())[::37]
    sweep(designs, tmp_path, workers=1)
    rows = read(tmp_path).set_index("design_json")
    for design in designs:
        best = analytic(design).row
        row = rows.loc[design.canonical()]
        assert best["cycles"] <= row["cycles"]
        assert best["latency_ms"] <= row["latency_ms"] * (1 + 1e-12)
        assert best["speedup_vs_reference"] >= row["speedup_vs_reference"] * (1 - 1e-12)
        assert best["area_mm2"] == pytest.approx(row["area_mm2"])


def test_constraints_keep_rows_from_the_front(tmp_path: Path) -> None:
    space = Space.of({**json.loads(SPACE.model_dump_json()), "constraints": ["area_mm2 < 1.0"]})
    search(space, tmp_path, budget=6, samplers=("random",), workers=1)
    (way,) = ways(tmp_path)
    rows = read(tmp_path)
    assert len(way.points) == 6
    assert (way.points[:, 0] == way.points[:, 0]).sum() == (rows["area_mm2"] < 1.0).sum()
