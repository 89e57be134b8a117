"""A package of somebody else's adds a method, a workload, a dataflow and an objective by entry points, and sweeps."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "data" / "third_party"
SPACE = """
workload: {name: toy, width: 32}
prune: {method: checkerboard, ratio: [0.0, 0.25, 0.5], block: 8}
hardware: {base: edge16, array.size: [4, 8], array.dataflow: [weight_stationary, slow_load]}
objectives: [answers_per_second_and_mm2, quality]
"""


@pytest.mark.slow
def test_a_third_party_package_takes_part(tmp_path: Path) -> None:
    source, site = shutil.copytree(PACKAGE, tmp_path / "source"), tmp_path / "site"
    pip = (
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--target",
        str(site),
    )
    subprocess.run([*pip, str(source)], check=True, timeout=120)
    environment = {**os.environ, "PYTHONPATH": str(site), "CODESIGN_CACHE": str(tmp_path / "cache")}

    def codesign(*arguments: str) -> str:
        command = [sys.executable, "-m", "codesign", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=240)
        assert done.returncode == 0, done.stderr
        return done.stdout

    for kind, name in (("methods", "checkerboard"), ("workloads", "toy"), ("dataflows", "slow_load"),
                       ("objectives", "answers_per_second_and_mm2")):  # fmt: skip
        assert name in codesign("ls", kind)
    (tmp_path / "space.yaml").write_text(SPACE)
    out = tmp_path / "out"
    assert (
        json.loads(codesign("sweep", str(tmp_path / "space.yaml"), "--out", str(out), "--workers", "1", "--json"))[
            "failed"
        ]
        == 0
    )
    rows = [json.loads(line) for line in (out / "rows.jsonl").read_text().splitlines()]
    assert len(rows) == 12
    cycles = {(row["array_rows"], row["pruned_ratio"], row["dataflow"]): row["cycles"] for row in rows}
    assert all(cycles[size, rate, "slow_load"] > cycles[size, rate, "weight_stationary"] for size, rate, _ in cycles)
    assert {row["quality_metric"] for row in rows} == {"accuracy"}
    half = [row for row in rows if row["pruned_ratio"] == 0.5]
    assert all(abs(row["mac_density"] - 0.5) < 0.05 for row in half)
    assert "toy" in Path(json.loads(codesign("report", str(out), "--json"))["page"]).read_text()
