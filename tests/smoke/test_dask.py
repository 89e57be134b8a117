"""A sweep on a real Dask cluster: three worker processes, one of them killed at work."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from codesign.explore.executors import chosen
from codesign.explore.space import Space
from codesign.explore.sweep import sweep

distributed = pytest.importorskip("distributed", reason="Dask is in the dask extra: pip install -e '.[dask]'")

SPACE = {
    "workload": {"shapes": "sasp-libritrans", "seq": 16},
    "prune": {"method": "random", "ratio": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], "block": 8},
    "hardware": {"base": "edge16", "array.size": [4, 8, 16], "dram.bandwidth_gb_s": [3.2, 6.4, 12.8, 25.6]},
}


@pytest.mark.slow
def test_a_worker_that_dies_costs_a_retry_and_no_row(tmp_path: Path) -> None:
    designs = list(Space.of(SPACE).designs())
    with distributed.LocalCluster(
        n_workers=3,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        local_directory=str(tmp_path / "dask"),
    ) as cluster:
        killed: list[int] = []

        def kill_one() -> None:
            rows = tmp_path / "out" / "rows.jsonl"
            while not (rows.is_file() and rows.read_bytes().count(b"\n") > 3):
                time.sleep(0.02)
            pids = next(iter(cluster.workers.values())).process.pid
            os.kill(pids, signal.SIGKILL)
            killed.append(pids)

        killer = threading.Thread(target=kill_one)
        killer.start()
        with chosen("dask", cluster.scheduler_address) as executor:
            summary = sweep(designs, tmp_path / "out", executor, workers=3)
        killer.join()
    assert killed
    assert summary.failed == 0
    keys = [json.loads(line)["key"] for line in (tmp_path / "out" / "rows.jsonl").read_text().splitlines()]
    assert len(keys) == len(set(keys)) == len(designs) == 72


def test_a_scheduler_that_does_not_answer_is_named() -> None:
    with (
        pytest.raises(ValueError, match="no Dask scheduler answers"),
        chosen("dask", "tcp://127.0.0.1:1"),
    ):
        pass
