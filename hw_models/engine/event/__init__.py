"""The event engine, the reference: units that wait for each other on SimPy's clock, an event a pass or transfer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import ceil

import numpy as np
import numpy.typing as npt
from simpy import AllOf, Environment

from hw_models.bounds import compute_bound_cycles, live_bytes, memory_bound_cycles
from hw_models.cost import FIGURES
from hw_models.engine.event.machine import Machine
from hw_models.engine.event.shares import shares
from hw_models.hardware import SUM_BYTES, Hardware
from hw_models.mapper import map_product
from hw_models.program import Gemm, HostOp
from hw_models.sparsity import Product, product_of
from hw_models.units.banked_dram import BankedDram
from hw_models.units.dram import Dram, FlatDram
from hw_models.units.host import host_work
from hw_models.units.meter import Meter


def run(ops: Sequence[Gemm | HostOp], hardware: Hardware) -> npt.NDArray[np.int64]:
    """(ops, figures) of one repetition of each."""
    figures = [run_one(op, hardware, Watch(hardware)) for op in ops]
    return np.array([[one.get(name, 0) for name in FIGURES] for one in figures], np.int64)


class Watch:
    """A meter for each array of a machine and one for what they share."""

    def __init__(self, hardware: Hardware, timeline: bool = False) -> None:
        names = [f"array {place} " for place in range(hardware.arrays)] if hardware.arrays > 1 else [""]
        self.arrays = [Meter(timeline, name) for name in names]
        self.shared = Meter(timeline)

    @property
    def counts(self) -> Counter[str]:
        """All together."""
        return sum((meter.counts for meter in (*self.arrays, self.shared)), Counter())


def run_one(op: Gemm | HostOp, hardware: Hardware, watch: Watch) -> dict[str, int]:
    """Figures of one repetition, by the names of `FIGURES`; those it lacks are 0."""
    if isinstance(op, HostOp):
        return _run_host(op, hardware, watch)
    if hardware.coupling.kind == "cpu_instruction":
        from hw_models.engine.event.core import run_on_core

        return run_on_core(op, hardware, watch.shared)
    return _run_gemm(op, hardware, watch)


def _run_host(op: HostOp, hardware: Hardware, watch: Watch) -> dict[str, int]:
    work = host_work(op, hardware)
    env = Environment()
    env.run(env.timeout(work.cycles))
    watch.shared.span("host", op.kind, 0, env.now)
    return {"cycles": int(env.now), "host_cycles": int(env.now), "host_operations": work.operations}


def _run_gemm(gemm: Gemm, hardware: Hardware, watch: Watch) -> dict[str, int]:
    product = product_of(gemm, hardware)
    _refuse_what_never_ends(gemm, product, hardware)
    parts = shares(product, hardware)
    cycles = _execute(parts, hardware, watch)
    ideal = cycles
    if hardware.dram or product.bitmap:
        ideal = _execute(parts, hardware, Watch(hardware), ideal=True)
    counts = watch.counts
    done, sums, fresh = (counts.pop(name, 0) for name in ("macs", "sums", "fresh_sums"))
    macs = gemm.m * gemm.k * gemm.n
    return counts | {
        "cycles": cycles,
        "busy_cycles": ideal,
        "stall_cycles": cycles - ideal,
        "macs": macs,
        "macs_skipped": macs - done,
        "output_sram_write_bytes": sums * SUM_BYTES,
        "output_sram_read_bytes": counts["output_sram_read_bytes"] + (sums - fresh) * SUM_BYTES,
        "bound_compute_cycles": compute_bound_cycles(done, hardware),
        "bound_memory_cycles": memory_bound_cycles(live_bytes(product), hardware),
    }


MOST_PASSES = 50_000_000
"""Ten minutes or so: an event for each load and each stream."""


def _refuse_what_never_ends(gemm: Gemm, product: Product, hardware: Hardware) -> None:
    array = hardware.array
    mapping = map_product(product, hardware)
    tiles = ceil(product.k / min(array.rows, mapping.k)) * ceil(product.n / min(array.cols, mapping.n))
    passes = tiles * ceil(product.m / mapping.m)
    if passes > MOST_PASSES:
        raise ValueError(f"gemm {gemm.name}: about {passes} passes; the event engine takes {MOST_PASSES} at most")


def _execute(parts: Sequence[Product], hardware: Hardware, watch: Watch, ideal: bool = False) -> int:
    """Cycles from the first request to the end; `ideal`: every operand there, every live tile known."""
    env = Environment()
    dram = None if ideal else _dram(env, hardware, watch.shared)
    machines = [
        Machine(env, part, hardware, dram, meter, searches=not ideal)
        for part, meter in zip(parts, watch.arrays, strict=False)
    ]
    env.run(AllOf(env, [env.process(machine.run()) for machine in machines]))
    return int(env.now)


def _dram(env: Environment, hardware: Hardware, meter: Meter) -> Dram | None:
    config = hardware.dram
    if config is None:
        return None
    if config.banks is None:
        return FlatDram(env, config, hardware, meter)
    return BankedDram(env, config, config.banks, hardware, meter)
