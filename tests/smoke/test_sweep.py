"""A sweep on real processes: kill -9 of the coordinator, kill -9 of a worker, two sweeps at once, a second start."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from codesign.explore.space import Space
from codesign.explore.sweep import sweep

SPACE = """
workload: {shapes: sasp-libritrans, seq: 16}
prune: {method: random, ratio: {from: 0.05, to: 0.9, step: 0.05}, block: 8}
hardware: {base: edge16, array.size: [4, 8, 16], dram.bandwidth_gb_s: [3.2, 6.4, 12.8]}
"""
DESIGNS = 18 * 9


@pytest.fixture
def space(tmp_path: Path) -> Path:
    path = tmp_path / "space.yaml"
    path.write_text(SPACE)
    return path


def _start(space: Path, out: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "codesign", "sweep", str(space), "--out", str(out), "--workers", "2", "--json"]
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _finish(process: subprocess.Popen[str]) -> dict[str, int]:
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    summary: dict[str, int] = json.loads(out)
    return summary


def _keys(folder: Path) -> list[str]:
    return [json.loads(line)["key"] for line in (folder / "rows.jsonl").read_text().splitlines()]


def _workers(process: subprocess.Popen[str]) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rsplit(")", 1)[1].split()
            line = (status.parent / "cmdline").read_bytes()
        except OSError:
            continue  # it has just ended
        if int(fields[1]) == process.pid and b"spawn_main" in line:
            found.append(int(status.parent.name))
    return found


def _wait_for(condition: object, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def _lines(folder: Path) -> int:
    path = folder / "rows.jsonl"
    return path.read_bytes().count(b"\n") if path.is_file() else 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="finds the workers that it kills in /proc, which Linux alone has")
def test_kill_9_of_the_coordinator_then_of_a_worker_then_to_the_end(space: Path, tmp_path: Path) -> None:
    out = tmp_path / "store"
    process = _start(space, out)
    _wait_for(lambda: _lines(out) > 5)
    workers = _workers(process)
    assert len(workers) == 2
    process.send_signal(signal.SIGKILL)
    process.wait()
    _wait_for(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers), 20)  # nobody works on for nobody
    before = _lines(out)
    assert before < DESIGNS

    process = _start(space, out)
    _wait_for(lambda: _lines(out) > before + 5 or process.poll() is not None)
    if living := _workers(process):
        os.kill(living[0], signal.SIGKILL)
    summary = _finish(process)
    assert summary["wanted"] == DESIGNS
    assert summary["found"] >= before - 1, "what was on disk is not done again"
    assert summary["failed"] == 0, "a worker that dies costs a retry, not rows"
    keys = _keys(out)
    assert len(keys) == len(set(keys)) == DESIGNS
    assert {path.stem for path in (out / "layers").glob("*.parquet")} == set(keys)

    rows = (out / "rows.jsonl").read_bytes()
    assert _finish(_start(space, out)) == {**summary, "found": DESIGNS, "failed": 0}
    assert (out / "rows.jsonl").read_bytes() == rows, "a finished sweep does nothing again"


@pytest.mark.slow
def test_two_sweeps_into_one_folder_double_nothing(space: Path, tmp_path: Path) -> None:
    out = tmp_path / "store"
    both = [_start(space, out) for _ in range(2)]
    for process in both:
        assert _finish(process)["wanted"] == DESIGNS
    keys = _keys(out)
    assert len(keys) == len(set(keys)) == DESIGNS


class _Pool(Executor):
    """Does the work here and now; breaks at a submission, as a pool whose worker has just died does."""

    def __init__(self, breaks_at: int) -> None:
        self._left = breaks_at

    def submit(self, act: Callable[..., object], *arguments: object, **_: object) -> Future[object]:
        if self._left == 0:
            raise BrokenProcessPool("a worker died")
        self._left -= 1
        done: Future[object] = Future()
        done.set_result(act(*arguments))
        return done


def test_a_worker_that_dies_between_two_answers_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    breaks_at = iter((0, 2, 1, 1000))
    monkeypatch.setattr("codesign.explore.sweep.local_pool", lambda workers: _Pool(next(breaks_at)))
    designs = list(Space.of(_six()).designs())
    summary = sweep(designs, tmp_path / "out", workers=2)
    assert summary.failed == 0
    assert len(set(_keys(tmp_path / "out"))) == len(designs)


def _six() -> dict[str, object]:
    """Six designs of six plans."""
    return {
        "workload": {"shapes": "sasp-libritrans", "seq": 16},
        "prune": {"method": "random", "ratio": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], "block": 8},
        "hardware": "edge8",
    }
