"""The event engine on a tightly coupled machine: one core at work."""

from __future__ import annotations

from simpy import Environment

from hw_models.bounds import compute_bound_cycles, memory_bound_cycles
from hw_models.hardware import Hardware
from hw_models.program import Gemm
from hw_models.sparsity import product_of
from hw_models.units.core import Core
from hw_models.units.meter import Meter


def run_on_core(gemm: Gemm, hardware: Hardware, meter: Meter) -> dict[str, int]:
    """Figures of one repetition, by the names of `FIGURES`; those it lacks are 0."""
    env = Environment()
    core = Core(env, product_of(gemm, hardware), hardware, meter)
    env.run(env.process(core.run()))
    counts, cycles = meter.counts, int(env.now)
    done, macs = counts["macs"], gemm.m * gemm.k * gemm.n
    return counts | {
        "cycles": cycles,
        "stall_cycles": cycles - counts["busy_cycles"],
        "macs": macs,
        "macs_skipped": macs - done,
        "bound_compute_cycles": compute_bound_cycles(done, hardware),
        "bound_memory_cycles": memory_bound_cycles(counts["dram_read_bytes"], hardware),
    }
