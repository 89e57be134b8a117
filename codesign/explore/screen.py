"""What a design could be worth at best, told without simulating it: what is beaten even so costs nothing more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from codesign.explore import choices
from codesign.explore.design import Design
from codesign.explore.prepare import prepare
from codesign.rows import Row
from codesign.rows.objective import Objective
from hw_models import Gemm, Hardware, HostOp, Program

Point = npt.NDArray[np.float64]  # (objectives,) losses: the smaller the better


@dataclass(frozen=True)
class Best:
    """The most that could come of a design; -inf where nothing is known."""

    row: dict[str, float]  # columns that are known, or bounded on their good side

    def losses(self, wishes: tuple[Objective, ...]) -> Point:
        """(objectives,) no real row of this design is smaller anywhere."""
        return np.array([self._loss(wish) for wish in wishes])

    def _loss(self, wish: Objective) -> float:
        if wish.formula is not None or wish.name not in self.row:
            return -np.inf
        return self.row[wish.name] * (-1.0 if wish.goal == "max" else 1.0)


def analytic(design: Design) -> Best:
    """From the dense program alone: live MACs can be no fewer than the ratio leaves, and no array is busier than full.

    Whatever is pruned, the host does its work, and operations wait for each other.
    """
    machine = choices.machine(design)
    dense = prepare(design.dense().plan_key()).program
    cycles = host_cycles(dense, machine) + live_macs(dense, design.prune.ratio) // _places(machine)
    latency_ms = cycles / machine.clock_khz
    known = {"cycles": float(cycles), "latency_ms": latency_ms, "area_mm2": _area(machine)}
    if latency_ms:
        known["speedup_vs_reference"] = _reference_ms(design) / latency_ms
    return Best(known)


def simulated(row: Row, quality_loss: float) -> Best:
    """Every cost is known; quality is at best what the dense model's interval allows. `quality_loss`: that, signed."""
    costs = ("cycles", "latency_ms", "area_mm2", "speedup", "speedup_vs_reference", "energy_uj", "energy_ratio", "edp",
             "utilization", "dram_read_bytes", "params_removed_ratio")  # fmt: skip
    known = {name: float(value) for name in costs if (value := getattr(row, name)) is not None}
    return Best({**known, "quality": quality_loss})


def live_macs(program: Program, ratio: float) -> int:
    """The fewest MACs that can be left when `ratio` of any weights go: those that are used most often go first."""
    products = [op for op in program.ops if isinstance(op, Gemm)]
    weights = sorted((op for op in products if op.stationary_known), key=lambda op: op.m * op.repeat, reverse=True)
    left = ratio * sum(op.k * op.n for op in weights)
    gone = 0.0
    for op in weights:
        here = min(left, op.k * op.n)
        gone += here * op.m * op.repeat
        left -= here
    return int(program.macs - gone)


def host_cycles(program: Program, machine: Hardware) -> int:
    """Of all host operations; no mask changes them."""
    from hw_models.units.host import host_work

    return sum(host_work(op, machine).cycles * op.repeat for op in program.ops if isinstance(op, HostOp))


def _places(machine: Hardware) -> int:
    return machine.array.rows * machine.array.cols * machine.arrays


def _area(machine: Hardware) -> float:
    from hw_models.energy import area

    return float(area(machine).total_mm2)


def _reference_ms(design: Design) -> float:
    from codesign.explore.evaluate import price_dense

    return price_dense(design.dense().plan_key(), choices.reference(design), design.engine).latency_ms
