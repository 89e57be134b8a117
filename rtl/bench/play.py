"""The cocotb side of a unit test: plays inputs cycle by cycle and writes down the outputs.

Reads $RTL_INPUTS (name -> value in each cycle), writes $RTL_OUTPUTS (name -> value in each cycle, null where unknown).
An output of a cycle is what stands there before the edge that ends it. A module without a clock is given 1 ns a cycle.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge, Timer

Dut = Any  # the module: its ports by name, which no type knows


@cocotb.test()
async def play(dut: Dut) -> None:
    """All cycles, from reset (two cycles) where there is one."""
    work = json.loads(Path(os.environ["RTL_INPUTS"]).read_text())
    clocked, names = hasattr(dut, "clk_i"), list(work["inputs"])
    if hasattr(dut, "rst_ni"):
        for name in names:
            getattr(dut, name).value = 0
        dut.rst_ni.value = 0
        await Timer(1, "ns")  # all of it has settled before the first edge
    if clocked:
        Clock(dut.clk_i, 10, unit="ns").start()
    if hasattr(dut, "rst_ni"):
        for _ in range(2):
            await RisingEdge(dut.clk_i)
        dut.rst_ni.value = 1
    elif clocked:
        await RisingEdge(dut.clk_i)
    inputs = [getattr(dut, name) for name in names]
    outputs = {name: getattr(dut, name) for name in work["outputs"]}
    seen: dict[str, list[int | None]] = {name: [] for name in outputs}
    for values in zip(*work["inputs"].values(), strict=True):
        for handle, value in zip(inputs, values, strict=True):
            handle.value = value
        await (RisingEdge(dut.clk_i) if clocked else Timer(1, "ns"))
        for name, handle in outputs.items():
            value = handle.value
            seen[name].append(int(value) if value.is_resolvable else None)
    Path(os.environ["RTL_OUTPUTS"]).write_text(json.dumps(seen))
