"""Runs jobs on rtl/top.sv in Icarus Verilog: builds once a machine, starts the cocotb side, brings back what came of them."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rtl.bench.job import Job, Machine

RTL = Path(__file__).parents[1]


@dataclass(frozen=True)
class Trial:
    """A job and how it is driven: the chance of a word, and of a place for one, in each cycle."""

    job: Job
    pace_in: float = 1.0
    pace_out: float = 1.0
    fields: Mapping[str, int] = field(default_factory=dict)
    """Fields of the job port that lie."""
    bitmap: list[int] | None = None
    """Words of the bitmap stream that lie."""

    def as_json(self) -> dict[str, object]:
        """What rtl/bench/drive.py reads."""
        bitmap = self.job.bitmap_words() if self.bitmap is None else self.bitmap
        streams = {"bitmap": bitmap, "act": self.job.act_words(), "weight": self.job.weight_words()}
        return {
            "fields": {**self.job.fields(), **self.fields},
            "pace_in": self.pace_in,
            "pace_out": self.pace_out,
            **{name: [f"{word:x}" for word in words] for name, words in streams.items()},
        }


@dataclass(frozen=True, eq=False)
class Outcome:
    """What the machine did with a job; an error leaves nothing else."""

    error: int
    busy_cycles: int | None
    """For which busy_o was up, by the simulator's clock."""
    counted_cycles: int | None
    """Of the machine's own counter."""
    passes: int | None
    results: npt.NDArray[np.generic] | None


def build(machine: Machine, where: Path, top: str = "top", waves: bool = False) -> object:
    """A runner with the machine elaborated; raises what cocotb raises where Icarus refuses the parameters."""
    from cocotb_tools.runner import get_runner

    runner = get_runner("icarus")
    runner.build(
        sources=sorted(RTL.glob("*.sv")),
        hdl_toplevel=top,
        parameters=machine.parameters(),
        build_args=["-g2012", "-Wno-timescale"],
        build_dir=where,
        timescale=("1ns", "1ps"),
        waves=waves,
        log_file=where / "build.log",
    )
    return runner


def simulate(machine: Machine, trials: Sequence[Trial], where: Path, seed: int = 0, waves: bool = False) -> list[Outcome]:
    """All trials, in order, on one machine; its files lie in `where`."""
    where.mkdir(parents=True, exist_ok=True)
    runner = build(machine, where, waves=waves)
    (where / "jobs.json").write_text(json.dumps({"seed": seed, "jobs": [trial.as_json() for trial in trials]}))
    (where / "results.json").unlink(missing_ok=True)
    runner.test(  # type: ignore[attr-defined]
        hdl_toplevel="top",
        test_module="rtl.bench.drive",
        build_dir=where,
        test_dir=where,
        waves=waves,
        extra_env={"RTL_JOBS": str(where / "jobs.json"), "RTL_RESULTS": str(where / "results.json"), "COCOTB_LOG_LEVEL": "WARNING"},
        log_file=where / "run.log",
    )
    return [_outcome(raw, trial.job) for raw, trial in zip(json.loads((where / "results.json").read_text()), trials, strict=True)]


def _outcome(raw: dict, job: Job) -> Outcome:
    words = [int(word, 16) for word in raw["words"]]
    return Outcome(raw["error"], raw["busy"], raw["cycles"], raw["passes"], job.results(words) if words else None)


def random_trial(machine: Machine, chance: np.random.Generator, overlaps: Sequence[str], largest: int) -> Trial:
    """Any sizes up to `largest`, any mask (all dead, all alive, none), any overlap, ragged edges, both ends throttled."""
    m, k, n = (int(size) for size in chance.integers(1, [largest + 1] * 3))
    job = Job(machine, *operands(machine, m, k, n, chance))
    density = chance.choice([0.0, 0.1, 0.5, 0.9, 1.0])
    mask = None if chance.random() < 0.15 else chance.random(job.tiles) < density
    overlap, ragged = chance.choice(list(overlaps)), chance.choice(["full", "exact"])
    job = Job(machine, job.a, job.b, mask, str(overlap), str(ragged))
    return Trial(job, float(chance.choice([0.3, 0.7, 1.0])), float(chance.choice([0.3, 0.7, 1.0])))


def operands(
    machine: Machine, m: int, k: int, n: int, chance: np.random.Generator
) -> tuple[npt.NDArray[np.generic], npt.NDArray[np.generic]]:
    """Random a (m, k) and b (k, n): every INT8 value; floats whose sums round, cancel and now and then overflow."""
    if machine.format == "int8":
        return chance.integers(-128, 128, (m, k)).astype(np.int8), chance.integers(-128, 128, (k, n)).astype(np.int8)
    a = _floats(chance, (m, k))
    return a, chance.integers(-128, 128, (k, n)).astype(np.int8) if machine.format == "hybrid" else _floats(chance, (k, n))


def _floats(chance: np.random.Generator, shape: tuple[int, int]) -> npt.NDArray[np.float32]:
    near = chance.normal(size=shape) * 2.0 ** chance.integers(-6, 7, shape)
    far = chance.normal(size=shape) * 2.0 ** chance.integers(-120, 121, shape).astype(np.float64)
    return np.where(chance.random(shape) < 0.05, far, near).astype(np.float32)
