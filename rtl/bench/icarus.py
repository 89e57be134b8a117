"""Runs jobs on the RTL in Icarus Verilog: builds a machine, starts the cocotb side, brings back what came of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rtl.bench.job import Job, Machine
from rtl.bench.job_os import OutputStationaryJob

if TYPE_CHECKING:
    from cocotb_tools.runner import Runner

RTL = Path(__file__).parents[1]
QUICK = {"COCOTB_LOG_LEVEL": "WARNING", "COCOTB_REWRITE_ASSERTION_FILES": ""}
"""For cocotb: what it would rewrite costs half of its start, and there is no assertion on its side."""


@dataclass(frozen=True)
class Trial:
    """A job and how it is driven: the chance of a word, and of a place for one, in each cycle."""

    job: Job | OutputStationaryJob
    pace_in: float = 1.0
    pace_out: float = 1.0
    fields: Mapping[str, int] = field(default_factory=dict)
    """Fields of the job port that lie."""
    streams: Mapping[str, list[int]] = field(default_factory=dict)
    """Streams that lie, by name."""

    def as_json(self) -> dict[str, object]:
        """What rtl/bench/drive.py reads."""
        streams = {**self.job.streams(), **self.streams}
        return {
            "fields": {**self.job.fields(), **self.fields},
            "pace_in": self.pace_in,
            "pace_out": self.pace_out,
            "streams": {name: [f"{word:x}" for word in words] for name, words in streams.items()},
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


@dataclass(frozen=True)
class Speed:
    """Of a simulator, over one or many runs."""

    simulated_cycles: int
    """Filling, run and emptying together."""
    cpu_seconds: float

    @property
    def cycles_per_cpu_second(self) -> int:
        """Whole ones."""
        return round(self.simulated_cycles / self.cpu_seconds)


def simulate(
    machine: Machine, trials: Sequence[Trial], where: Path, seed: int = 0, waves: bool = False
) -> list[Outcome]:
    """All trials, in order, on one machine; its files lie in `where`."""
    return timed(machine, trials, where, seed, waves)[0]


def timed(
    machine: Machine, trials: Sequence[Trial], where: Path, seed: int = 0, waves: bool = False
) -> tuple[list[Outcome], Speed]:
    """The same, and how fast Icarus and cocotb together were, without building and starting."""
    top = trials[0].job.top
    work = {"seed": seed, "probe": [], "jobs": [trial.as_json() for trial in trials]}
    raw = _run(top, machine.parameters(top), "rtl.bench.drive", ("RTL_JOBS", work), "RTL_RESULTS", where, waves)
    return [_outcome(one, trial.job) for one, trial in zip(raw["results"], trials, strict=True)], Speed(*raw["speed"])


def watch(trial: Trial, paths: Sequence[str], where: Path) -> tuple[Outcome, list[dict[str, str]]]:
    """One trial, and what stood on signals (dotted paths below the machine) in each cycle of the run, in binary."""
    top = trial.job.top
    work = {"seed": 0, "probe": list(paths), "jobs": [trial.as_json()]}
    raw = _run(top, trial.job.machine.parameters(top), "rtl.bench.drive", ("RTL_JOBS", work), "RTL_RESULTS", where)
    return _outcome(raw["results"][0], trial.job), raw["probe"]


def play(
    top: str, parameters: Mapping[str, int], inputs: Mapping[str, Sequence[int]], outputs: Sequence[str], where: Path
) -> dict[str, list[int | None]]:
    """The outputs of a module in each cycle, given its inputs in each cycle; None where a bit is unknown."""
    work = {
        "inputs": {name: [int(value) for value in values] for name, values in inputs.items()},
        "outputs": list(outputs),
    }
    said: dict[str, list[int | None]] = _run(
        top, parameters, "rtl.bench.play", ("RTL_INPUTS", work), "RTL_OUTPUTS", where
    )
    return said


def elaborate(top: str, parameters: Mapping[str, int], where: Path, waves: bool = False) -> Runner:
    """A runner that holds the module, built; what Icarus refuses ends in SystemExit, the reason in build.log."""
    from cocotb_tools.runner import get_runner

    runner = get_runner("icarus")
    runner.build(
        sources=sorted(RTL.glob("*.sv")),
        hdl_toplevel=top,
        parameters=parameters,
        build_args=["-g2012", "-Wno-timescale"],
        build_dir=where,
        timescale=("1ns", "1ps"),
        waves=waves,
        log_file=where / "build.log",
    )
    return runner


def _run(
    top: str,
    parameters: Mapping[str, int],
    side: str,
    work: tuple[str, object],
    answer: str,
    where: Path,
    waves: bool = False,
) -> Any:  # Any: JSON
    where = where.resolve()  # the simulator runs there
    where.mkdir(parents=True, exist_ok=True)
    runner = elaborate(top, parameters, where, waves)
    name, content = work
    question, reply = where / f"{name.lower()}.json", where / f"{answer.lower()}.json"
    question.write_text(json.dumps(content))
    reply.unlink(missing_ok=True)
    runner.test(
        hdl_toplevel=top,
        test_module=side,
        build_dir=where,
        test_dir=where,
        waves=waves,
        extra_env={name: str(question), answer: str(reply), **QUICK},
        log_file=where / "run.log",
    )
    if broken := [line for line in (where / "run.log").read_text().splitlines() if line.startswith("ERROR: ")]:
        raise AssertionError(f"{len(broken)} assertions of the RTL failed, first: {broken[0]}")
    return json.loads(reply.read_text())


def _outcome(raw: dict[str, Any], job: Job | OutputStationaryJob) -> Outcome:
    words = [int(word, 16) for word in raw["words"]]
    return Outcome(raw["error"], raw["busy"], raw["cycles"], raw["passes"], job.results(words) if words else None)


def random_trial(machine: Machine, chance: np.random.Generator, overlaps: Sequence[str], largest: int) -> Trial:
    """Any sizes up to `largest`, any mask, the empty one and none included, any overlap, both ends throttled."""
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
    return a, chance.integers(-128, 128, (k, n)).astype(np.int8) if machine.format == "hybrid" else _floats(
        chance, (k, n)
    )


def _floats(chance: np.random.Generator, shape: tuple[int, int]) -> npt.NDArray[np.float32]:
    near = chance.normal(size=shape) * 2.0 ** chance.integers(-6, 7, shape)
    far = chance.normal(size=shape) * 2.0 ** chance.integers(-120, 121, shape).astype(np.float64)
    return np.where(chance.random(shape) < 0.05, far, near).astype(np.float32)
