"""`python -m rtl.bench`: large and many products on the RTL, held to numpy and hw_models, and how fast simulators are.

One JSON line a run on stdout, the last one their sum. Exit status 1 if any run is not equal in every bit and cycle.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from collections.abc import Iterator
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np

from rtl.bench import icarus, verilated
from rtl.bench.checker import complaint, mismatches
from rtl.bench.icarus import Speed, Trial, operands, random_trial
from rtl.bench.job import OVERLAPS, Job, Machine

Line = dict[str, object]
_wide = partial(Machine, size_bits=8, tile_bits=8, memory_bits=17)
LARGE = [
    # name, machine, (m, k, n), share of tiles that live, overlap
    ("vit-base projection", _wide(8, 8), (196, 768, 768), 1.0, "serial"),
    ("vit-base projection", _wide(8, 8), (196, 768, 768), 0.5, "double_buffered"),
    ("vit-base projection", _wide(16, 16), (196, 768, 768), 1.0, "double_buffered"),
    ("vit-base projection", _wide(16, 16), (196, 768, 768), 0.5, "double_buffered_global"),
    ("SASP feed-forward", Machine(8, 8, size_bits=8, tile_bits=9, memory_bits=18), (128, 512, 2048), 0.7, "wavefront"),
    ("SASP feed-forward", _wide(16, 16), (128, 512, 2048), 0.7, "serial"),
    (
        "SASP feed-forward, hybrid over its 32-bit port",
        Machine(8, 8, "hybrid", port_bits=32, double_buffered=False, size_bits=8, tile_bits=9, memory_bits=19),
        (128, 512, 2048),
        0.7,
        "serial",
    ),
]
MANY = [
    Machine(4, 4),
    Machine(3, 5, stages=3, scan_bits=1),
    Machine(7, 2, stages=2, port_bits=12, scan_bits=2),
    Machine(4, 4, "hybrid", stages=4),
]
LARGEST = 14  # rows, reduction and columns of a random product


def main() -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m rtl.bench", description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=1000, help="random products on each of the small machines")
    parser.add_argument(
        "--array", type=array, metavar="RxC", help="random products on an array of this size, and no more"
    )
    parser.add_argument("--work", type=Path, default=Path("out/rtl"), help="where executables go")
    options = parser.parse_args()
    if options.cases < 1:
        parser.error(f"argument --cases: must be at least 1, not {options.cases}")
    if shutil.which("verilator") is None:
        print("rtl.bench: needs `verilator`: apt-get install verilator", file=sys.stderr)
        return 2
    many = _many([options.array] if options.array else MANY, options.work, options.cases)
    products = wrong = 0
    try:
        for line in many if options.array else chain(_large(options.work), many, _speed(options.work)):
            print(json.dumps(line), flush=True)
            products += int(str(line.get("cases", 1)))
            wrong += int(str(line["mismatches"]))
    except ValueError as error:  # an array that can not be built
        print(error, file=sys.stderr)
        return 2
    print(json.dumps({"bench": "rtl total", "products": products, "mismatches": wrong}))
    return 1 if wrong else 0


def _large(work: Path) -> Iterator[Line]:
    for name, machine, (m, k, n), density, overlap in LARGE:
        executable, seconds = _built(machine, work)
        chance = np.random.default_rng(0)
        job = Job(machine, *operands(machine, m, k, n, chance))
        mask = None
        if density < 1.0:
            dead = chance.permutation(job.tiles[0] * job.tiles[1])[: round((1 - density) * job.tiles[0] * job.tiles[1])]
            mask = np.ones(job.tiles, bool)
            mask.flat[dead] = False
        trial = Trial(Job(machine, job.a, job.b, mask, overlap), 0.9, 0.9)
        outcome, speed = verilated.simulate(executable, trial, executable.parent)
        sentence = complaint(trial, outcome)
        yield {
            "bench": "rtl large", "what": name, "array": f"{machine.rows}x{machine.cols}", "format": machine.format,
            "gemm": f"{m}x{k}x{n}", "live_tiles": int(job.alive.sum() if mask is None else mask.sum()),
            "overlap": overlap, "cycles": outcome.busy_cycles, "mismatches": int(sentence is not None),
            "complaint": sentence, "cycles_per_cpu_second": speed.cycles_per_cpu_second, "build_seconds": seconds,
        }  # fmt: skip


def array(text: str) -> Machine:
    """The INT8 machine with an array of `RxC`."""
    rows, cols = text.split("x")
    return Machine(int(rows), int(cols))


def _many(machines: list[Machine], work: Path, cases: int) -> Iterator[Line]:
    for machine in machines:
        executable, seconds = _built(machine, work)
        chance = np.random.default_rng(7)
        overlaps = OVERLAPS if machine.double_buffered else OVERLAPS[:2]
        trials = [random_trial(machine, chance, overlaps, LARGEST) for _ in range(cases)]
        runs = [verilated.simulate(executable, trial, executable.parent) for trial in trials]
        sentences = mismatches(trials, [outcome for outcome, _ in runs])
        cycles = sum(speed.simulated_cycles for _, speed in runs)
        whole = Speed(cycles, sum(speed.cpu_seconds for _, speed in runs))
        yield {
            "bench": "rtl random", "machine": str(machine), "cases": cases, "largest": f"{LARGEST}x{LARGEST}x{LARGEST}",
            "cycles": cycles, "mismatches": len(sentences), "complaint": sentences[:1],
            "cycles_per_cpu_second": whole.cycles_per_cpu_second, "build_seconds": seconds,
        }  # fmt: skip


def _speed(work: Path) -> Iterator[Line]:
    """Icarus with cocotb on 64x64x64, beside which the lines above stand for Verilator."""
    for side in (4, 8, 16):
        machine = Machine(side, side, tile_bits=5)
        trial = Trial(Job(machine, *operands(machine, 64, 64, 64, np.random.default_rng(0))))
        (outcome,), speed = icarus.timed(machine, [trial], work / f"icarus{side}")
        sentence = complaint(trial, outcome)
        yield {
            "bench": "rtl icarus", "array": f"{side}x{side}", "gemm": "64x64x64", "cycles": outcome.busy_cycles,
            "mismatches": int(sentence is not None), "complaint": sentence,
            "cycles_per_cpu_second": speed.cycles_per_cpu_second,
        }  # fmt: skip


def _built(machine: Machine, work: Path) -> tuple[Path, float]:
    values = "-".join(str(value) for value in machine.parameters().values())
    begin = time.perf_counter()
    return verilated.build(machine, (work / values).resolve()), round(time.perf_counter() - begin, 1)


if __name__ == "__main__":
    sys.exit(main())
