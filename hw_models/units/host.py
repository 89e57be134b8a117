"""The host: what the work outside the array takes, counted from the steps of each algorithm.

A kind of work is so many passes, loads, stores, fp32 operations, exponentials, divisions and roots per element and per
row (`host_work.csv`); a core takes so many instructions and cycles for each of them (`host_cores.csv`). Every line
names its source. What is left out: cache misses (the operands are in the last-level cache or the scratchpad), and
overlap with the array (operations are separated by a barrier).

An operation of a scalar core is an instruction; of a SIMD core one on all lanes; of a vector unit one of a single lane.
What a vector unit only moves (a copy) takes a cycle and counts an operation for each element that passes its port.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files

from hw_models.hardware import Hardware
from hw_models.program import HostOp

STEPS = ("passes", "loads", "stores", "ops", "exps", "divs", "sqrts")
CORE_STEPS = ("pass", "load", "store", "op", "exp", "div", "sqrt")


@dataclass(frozen=True, slots=True)
class HostWork:
    """What one run of an operation takes (not its repeats)."""

    cycles: int
    """Of the array's clock."""
    operations: int
    """Instructions of a core, lane operations of a vector unit: what the energy table prices."""


def host_work(op: HostOp, hardware: Hardware) -> HostWork:
    """The work of one run of `op` on the machine's host, `host.scale` times, rounded up."""
    host = hardware.host
    per_element, per_row = _per(op.kind, host.kind, "element"), _per(op.kind, host.kind, "row")
    lanes = 1 if host.kind == "scalar" else host.lanes
    groups = op.rows * -(-op.elements // (op.rows * lanes))  # a vector never spans two rows
    cycles = per_element.cycles * groups + per_row.cycles * op.rows
    counted = op.elements if host.kind == "vector_unit" else groups
    operations = per_element.operations * counted + per_row.operations * op.rows
    scale = Fraction(host.scale)
    clock = Fraction(hardware.clock_mhz) / Fraction(host.clock_mhz or hardware.clock_mhz)
    return HostWork(_up(cycles * scale * clock), _up(operations * scale))


def _up(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)


@cache
def _per(kind: str, core: str, per: str) -> HostWork:
    """Cycles and operations for an element or a row: the steps of the work times the cost of a step."""
    steps = _work().get((kind, per))
    if steps is None:
        return HostWork(0, 0)
    costs = [_cores()[core, step] for step in CORE_STEPS]
    cycles = sum(count * cost.cycles for count, cost in zip(steps, costs, strict=True))
    operations = sum(count * cost.operations for count, cost in zip(steps, costs, strict=True))
    if core == "vector_unit" and per == "element":
        moved = max(steps[STEPS.index("loads")], steps[STEPS.index("stores")])
        cycles, operations = max(cycles, moved), max(operations, moved)
    return HostWork(cycles, operations)


@cache
def _work() -> dict[tuple[str, str], tuple[int, ...]]:
    return {(row["kind"], row["per"]): tuple(int(row[step]) for step in STEPS) for row in _rows("host_work.csv")}


@cache
def _cores() -> dict[tuple[str, str], HostWork]:
    return {
        (row["core"], row["step"]): HostWork(int(row["cycles"]), int(row["operations"]))
        for row in _rows("host_cores.csv")
    }


def _rows(name: str) -> list[dict[str, str]]:
    text = files("hw_models.units").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
