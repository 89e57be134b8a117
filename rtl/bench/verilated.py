"""Runs jobs on rtl/top.sv compiled by Verilator, with the C++ driver rtl/sim/drive.cpp: for large sizes."""

from __future__ import annotations

import json
import re
import subprocess
from math import ceil
from pathlib import Path

import numpy as np

from rtl.bench.icarus import RTL, Outcome, Speed, Trial
from rtl.bench.job import Machine


def build(machine: Machine, where: Path) -> Path:
    """The machine's executable; compiled anew where a parameter or a source has changed."""
    where.mkdir(parents=True, exist_ok=True)
    sources = [*sorted(RTL.glob("*.sv")), RTL / "sim" / "shape.vlt", RTL / "sim" / "drive.cpp"]
    command = [
        "verilator", "--cc", "--exe", "--build", "-O3", "--x-assign", "fast", "--noassert", "-DSYNTHESIS",
        "-CFLAGS", "-O2 -std=c++17", "--top-module", "top", "--Mdir", str(where), "-o", "drive",
        *(f"-G{name}={value}" for name, value in machine.parameters().items()), *map(str, sources),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True)
    if sentence := re.search(r"USERFATAL: \S+ (.*)", done.stderr):  # rtl/require.sv
        raise ValueError(f"a {machine.rows}x{machine.cols} {machine.format} array can not be built: {sentence[1]}")
    if done.returncode:
        raise RuntimeError(f"verilator failed: {done.stderr.strip()[-1500:]}")
    return where / "drive"


def simulate(executable: Path, trial: Trial, where: Path, seed: int = 0) -> tuple[Outcome, Speed]:
    """One trial; its files lie in `where`."""
    machine, job, raw = trial.job.machine, where / "job.bin", where / "result.bin"
    row = {"act": machine.rows * machine.act_bits, "weight": machine.cols * machine.weight_bits}
    widths = {"bitmap": machine.scan_bits, **{name: machine.port_bits or bits for name, bits in row.items()}}
    fields = {**trial.job.fields(), **trial.fields}
    with job.open("wb") as file:
        file.write(np.array(list(fields.values()), "<u4").tobytes())
        for name, stream in {**trial.job.streams(), **trial.streams}.items():
            file.write(np.uint32(len(stream)).tobytes())
            # A port up to 64 bits is one integer, of 32 or 64 bits; above, a row of 32-bit words.
            size = 4 * ceil(widths[name] / 32)
            file.write(b"".join(word.to_bytes(size, "little") for word in stream))
    command = [
        str(executable.resolve()),
        str(job.resolve()),
        str(raw.resolve()),
        str(seed),
        str(trial.pace_in),
        str(trial.pace_out),
    ]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, cwd=where).stdout)
    content = raw.read_bytes()
    error, busy, cycles, passes, pieces, count = (int(word) for word in np.frombuffer(content[:24], "<u4"))
    body = [content[24 + at * pieces * 4 : 24 + (at + 1) * pieces * 4] for at in range(count)]
    results = trial.job.results([int.from_bytes(word, "little") for word in body]) if count else None
    return Outcome(error, busy, cycles, passes, results), Speed(said["simulated_cycles"], said["seconds"])
