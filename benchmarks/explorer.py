"""`python -m benchmarks.explorer`: what the explorer itself costs, and how fast it sweeps machines, as JSON lines."""

from __future__ import annotations

import json
import os
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from codesign.explore.choices import machine
from codesign.explore.design import Design
from codesign.explore.evaluate import evaluate, price_dense
from codesign.explore.prepare import prepare
from codesign.explore.space import Space
from codesign.explore.store import Store
from codesign.explore.sweep import sweep
from hw_models import simulate

SPACE = {
    "workload": {"shapes": "sasp-librispeech"},
    "prune": {"method": "random", "ratio": [0.2, 0.4, 0.6, 0.8], "block": 8},
    "hardware": {
        "base": "edge16",
        "host.kind": "vector_unit",
        "array.size": [8, 16, 32],
        "dram.bandwidth_gb_s": {"from": 1, "to": 25, "step": 0.25},
        "clock_mhz": [400, 500, 600, 800],
    },
}


def overhead() -> dict[str, object]:
    """Processor time of a design, and of it what is not simulation; taken in turns, so that neither comes second."""
    designs = list(Space.of(SPACE).designs())[::4]
    _whole(designs[0])
    _bare(designs[0])
    seconds = [0.0, 0.0]
    for place, design in enumerate(designs):
        start = time.process_time()
        (_whole, _bare)[place % 2](design)
        seconds[place % 2] += time.process_time() - start
    whole, bare = (1e3 * taken / (len(designs) / 2) for taken in seconds)
    return {"what": "design", "designs": len(designs), "cpu_ms": whole, "explorer_cpu_ms": whole - bare}


def _whole(design: Design) -> None:
    evaluate(design, layers=False)


def _bare(design: Design) -> None:
    cost = simulate(prepare(design.plan_key()).program, machine(design))
    price_dense(design.dense().plan_key(), machine(design), "auto")
    _ = cost.energy.total_pj, cost.area.total_mm2  # priced when asked for, and a row asks


def throughput(workers: int) -> dict[str, object]:
    """Rows on disk a minute, by the clock on the wall."""
    designs = list(Space.of(SPACE).designs())
    with tempfile.TemporaryDirectory() as folder:
        start, cpu, below = time.perf_counter(), time.process_time(), _children()
        sweep(designs, Path(folder), workers=workers, layers=False)
        seconds = time.perf_counter() - start
        coordinator = (time.process_time() - cpu) / len(designs)
    worked = (_children() - below) / len(designs)  # what starts a worker is in it
    return {
        "what": "sweep",
        "workers": workers,
        "designs": len(designs),
        "designs_per_minute": 60 * len(designs) / seconds,
        "coordinator_cpu_ms": coordinator * 1e3,
        "workers_cpu_ms": worked * 1e3,
    }


JUDGED = {
    "workload": {"name": "vit", "limit": 100},
    "prune": {"method": "magnitude", "ratio": [0.0, 0.1, 0.2], "block": 16, "scope": "ff"},
    "hardware": {"base": "edge16", "array.size": [4, 8, 16, 32]},
}


def with_quality(workers: int) -> dict[str, object]:
    """The same where every plan is made and judged: a real ViT on 100 pictures, from an empty cache."""
    from codesign.explore import cache

    designs = list(Space.of(JUDGED).designs())
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "assets").symlink_to(cache.folder().parent / "assets")
        before = os.environ.get("CODESIGN_CACHE")
        os.environ["CODESIGN_CACHE"] = folder
        start, below = time.perf_counter(), _children()
        summary = sweep(designs, Path(folder) / "out", workers=workers)
        seconds = time.perf_counter() - start
        os.environ.pop("CODESIGN_CACHE") if before is None else os.environ.update(CODESIGN_CACHE=before)
    assert summary.failed == 0, "a benchmark's designs do not fail"
    return {
        "what": "sweep with quality",
        "workers": workers,
        "designs": len(designs),
        "evaluations": len({design.plan_key() for design in designs}),
        "designs_per_minute": 60 * len(designs) / seconds,
        "workers_cpu_ms": (_children() - below) * 1e3 / len(designs),
    }


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def resume(rows: int = 100_000) -> dict[str, object]:
    """Opening a store of so many rows."""
    row = evaluate(next(Space.of(SPACE).designs())).row
    with tempfile.TemporaryDirectory() as folder:
        with (Path(folder) / "rows.jsonl").open("w") as file:
            file.writelines(replace(row, key=f"{number:016x}").to_json() + "\n" for number in range(rows))
        start = time.perf_counter()
        store = Store(Path(folder))
        seconds = time.perf_counter() - start
        store.close()
    return {"what": "resume", "rows": rows, "wall_s": seconds}


def main() -> None:
    measures: tuple[Callable[[], dict[str, object]], ...] = (
        overhead, lambda: throughput(1), lambda: throughput(2), resume,
        lambda: with_quality(1), lambda: with_quality(2),
    )  # fmt: skip
    for measure in measures:
        record = measure()
        peaks = {"peak_mib": resource.RUSAGE_SELF, "peak_worker_mib": resource.RUSAGE_CHILDREN}  # so far
        memory = {name: round(resource.getrusage(who).ru_maxrss / 1024) for name, who in peaks.items()}
        print(json.dumps(record | memory), flush=True)


if __name__ == "__main__":
    main()
