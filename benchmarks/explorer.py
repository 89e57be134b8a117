"""`python -m benchmarks.explorer`: what the explorer itself costs, and how fast it sweeps machines, as JSON lines."""

from __future__ import annotations

import json
import resource
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from codesign.explore.choices import machine
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
        "dram.bandwidth_gb_s": {"from": 1, "to": 25, "step": 1},
        "clock_mhz": [400, 500, 600, 800],
    },
}


def overhead() -> dict[str, object]:
    """Processor time of a design, and of it what is not simulation."""
    designs = list(Space.of(SPACE).designs())
    evaluate(designs[0], layers=False)
    start = time.process_time()
    for design in designs:
        evaluate(design, layers=False)
    whole = (time.process_time() - start) / len(designs)
    price_dense.cache_clear()
    start = time.process_time()
    for design in designs:
        cost = simulate(prepare(design.plan_key()).program, machine(design))
        price_dense(design.dense().plan_key(), machine(design), "auto")
        _ = cost.energy.total_pj, cost.area.total_mm2  # priced when asked for, and a row asks
    bare = (time.process_time() - start) / len(designs)
    return {"what": "design", "designs": len(designs), "cpu_ms": whole * 1e3, "explorer_cpu_ms": (whole - bare) * 1e3}


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
    for record in (overhead(), throughput(1), throughput(2), resume()):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(record | {"peak_mib": round(peak)}), flush=True)


if __name__ == "__main__":
    main()
