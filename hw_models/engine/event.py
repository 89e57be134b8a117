"""The event engine, the reference: units that wait for each other on SimPy's clock, one event for each pass or transfer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from simpy import Environment

from hw_models.bounds import compute_bound_cycles, live_bytes, memory_bound_cycles
from hw_models.cost import FIGURES
from hw_models.engine.machine import Machine
from hw_models.hardware import SUM_BYTES, Hardware
from hw_models.program import Gemm, HostOp
from hw_models.sparsity import Product, product_of
from hw_models.units.dram import Dram
from hw_models.units.host import host_work
from hw_models.units.meter import Meter


def run(ops: Sequence[Gemm | HostOp], hardware: Hardware) -> npt.NDArray[np.int64]:
    """(ops, figures) of one repetition of each."""
    figures = [run_gemm(op, hardware) if isinstance(op, Gemm) else run_host(op, hardware) for op in ops]
    return np.array([[one.get(name, 0) for name in FIGURES] for one in figures], np.int64)


def run_host(op: HostOp, hardware: Hardware) -> dict[str, int]:
    """Figures of one repetition of the host's work."""
    work = host_work(op, hardware)
    env = Environment()
    env.run(env.timeout(work.cycles))
    return {"cycles": int(env.now), "host_cycles": int(env.now), "host_operations": work.operations}


def run_gemm(gemm: Gemm, hardware: Hardware, meter: Meter | None = None) -> dict[str, int]:
    """Figures of one repetition of a product, by the names of `FIGURES`; those it lacks are 0."""
    product, meter = product_of(gemm, hardware), meter or Meter()
    cycles = _execute(product, hardware, meter)
    ideal = _execute(product, hardware, Meter(), ideal=True) if hardware.dram or product.bitmap else cycles
    counts = meter.counts
    done = counts["macs"]
    figures = Counter({name: counts[name] for name in counts if name not in ("macs", "sums", "fresh_sums")})
    figures |= {
        "cycles": cycles,
        "busy_cycles": ideal,
        "stall_cycles": cycles - ideal,
        "macs": gemm.m * gemm.k * gemm.n,
        "macs_skipped": gemm.m * gemm.k * gemm.n - done,
        "output_sram_write_bytes": counts["sums"] * SUM_BYTES,
        "output_sram_read_bytes": counts["output_sram_read_bytes"]
        + (counts["sums"] - counts["fresh_sums"]) * SUM_BYTES,
        "bound_compute_cycles": compute_bound_cycles(done, hardware),
        "bound_memory_cycles": memory_bound_cycles(live_bytes(product), hardware),
    }
    return figures


def _execute(product: Product, hardware: Hardware, meter: Meter, ideal: bool = False) -> int:
    """Cycles from the first request to the end; `ideal`: every operand there, every live tile known."""
    env = Environment()
    dram = Dram(env, hardware.dram, hardware, meter) if hardware.dram and not ideal else None
    machine = Machine(env, product, hardware, dram, meter, searches=not ideal)
    env.run(env.process(machine.run()))
    return int(env.now)
