"""The cocotb side of a run of rtl/top.sv or rtl/top_os.sv: drivers for the streams and a monitor for the run.

Reads the jobs of the JSON file $RTL_JOBS and writes what came of them to $RTL_RESULTS; whoever started it compares.
"""

from __future__ import annotations

import json
import os
import random
import time
from pathlib import Path
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.task import Task
from cocotb.triggers import FallingEdge, RisingEdge
from cocotb.utils import get_sim_time

PERIOD_NS = 10
Dut = Any  # the machine: its ports by name, which no type knows


class Stream:
    """Drives valid/data/last into the machine, waiting at random: a word comes with chance `pace` in a cycle."""

    def __init__(self, dut: Dut, name: str, chance: random.Random, pace: float) -> None:
        self._clock = dut.clk_i
        self._valid, self._ready = getattr(dut, f"{name}_valid_i"), getattr(dut, f"{name}_ready_o")
        self._data, self._last = getattr(dut, f"{name}_data_i"), getattr(dut, f"{name}_last_i")
        self._chance, self._pace = chance, pace
        self._valid.value = 0

    async def send(self, words: list[int]) -> None:
        """All words; `last` stands on the last."""
        for place, word in enumerate(words):
            while self._chance.random() > self._pace:
                await RisingEdge(self._clock)
            self._valid.value, self._data.value, self._last.value = 1, word, int(place + 1 == len(words))
            await RisingEdge(self._clock)
            while not self._ready.value:
                await RisingEdge(self._clock)
            self._valid.value = 0


async def collect(dut: Dut, chance: random.Random, pace: float) -> list[int]:
    """The words of the result stream up to its last; ready with chance `pace` in a cycle."""
    words: list[int] = []
    while True:
        dut.result_ready_i.value = int(chance.random() < pace)
        await RisingEdge(dut.clk_i)
        if dut.result_valid_o.value and dut.result_ready_i.value:
            words.append(int(dut.result_data_o.value))
            if dut.result_last_o.value:
                dut.result_ready_i.value = 0
                return words


async def busy_cycles(dut: Dut) -> int:
    """Cycles for which busy_o stays up, by the simulator's clock."""
    await RisingEdge(dut.busy_o)
    begin = get_sim_time("ns")
    await FallingEdge(dut.busy_o)
    return round((get_sim_time("ns") - begin) / PERIOD_NS)


async def probe(dut: Dut, paths: list[str], cycles: list[dict[str, str]]) -> None:
    """What stands on signals inside the machine in each cycle of the run, as the simulator writes it (x: unknown)."""
    signals = {}
    for path in paths:
        handle = dut
        for name in path.split("."):
            handle = getattr(handle, name)
        signals[path] = handle
    while True:
        await RisingEdge(dut.clk_i)
        if dut.busy_o.value == 1:
            cycles.append({path: str(handle.value) for path, handle in signals.items()})


async def run(dut: Dut, job: dict[str, Any], chance: random.Random) -> dict[str, Any]:  # what is in the JSON files
    """One job from its handshake to its last result, or to the error that ends it."""
    pace_in, pace_out = job["pace_in"], job["pace_out"]
    for name, value in job["fields"].items():
        getattr(dut, f"job_{name}_i").value = value
    dut.job_valid_i.value = 1
    await RisingEdge(dut.clk_i)
    while not dut.job_ready_o.value:
        await RisingEdge(dut.clk_i)
    dut.job_valid_i.value = 0
    monitor = cocotb.start_soon(busy_cycles(dut))
    collector = cocotb.start_soon(collect(dut, chance, pace_out))
    senders = [
        cocotb.start_soon(Stream(dut, name, chance, pace_in).send([int(word, 16) for word in words]))
        for name, words in job["streams"].items()
        if words
    ]
    await RisingEdge(dut.clk_i)
    await RisingEdge(dut.job_ready_o)
    await RisingEdge(dut.clk_i)
    error = int(dut.error_o.value)
    tasks: list[Task[Any]] = [monitor, collector, *senders]
    for task in tasks:
        if not task.done():
            task.cancel()
    for name in job["streams"]:
        getattr(dut, f"{name}_valid_i").value = 0
    finished = error == 0
    return {
        "error": error,
        "busy": monitor.result() if finished else None,
        "cycles": int(dut.cycles_o.value) if finished else None,
        "passes": int(dut.passes_o.value) if finished else None,
        "words": [f"{word:x}" for word in collector.result()] if finished else [],
    }


@cocotb.test()
async def jobs(dut: Dut) -> None:
    """Every job of the file, one behind the other, on one machine that is reset once."""
    work = json.loads(Path(os.environ["RTL_JOBS"]).read_text())
    chance = random.Random(work["seed"])
    for name in ("job", *work["jobs"][0]["streams"]):
        getattr(dut, f"{name}_valid_i").value = 0
    dut.result_ready_i.value, dut.rst_ni.value = 0, 0
    Clock(dut.clk_i, PERIOD_NS, unit="ns").start()
    for _ in range(3):
        await RisingEdge(dut.clk_i)
    dut.rst_ni.value = 1
    cycles: list[dict[str, str]] = []
    if work["probe"]:
        cocotb.start_soon(probe(dut, work["probe"], cycles))
    begin_ns, begin_seconds = get_sim_time("ns"), time.process_time()
    results = [await run(dut, job, chance) for job in work["jobs"]]
    speed = [round((get_sim_time("ns") - begin_ns) / PERIOD_NS), time.process_time() - begin_seconds]
    Path(os.environ["RTL_RESULTS"]).write_text(json.dumps({"results": results, "probe": cycles, "speed": speed}))
