"""Somebody else's package: a method, a workload, a dataflow and an objective, made known by entry points alone."""

from codesign.rows.objective import Objective
from codesign.workloads.table import WorkloadEntry

TOY = WorkloadEntry(
    "toy", "Tells whether the sum of its inputs is positive", "accuracy", "", "codesign_third_party.toy"
)
DENSITY = Objective(
    "answers_per_second_and_mm2", "Answers a second and mm²", "1/s/mm²", "max",
    lambda rows: 1000 / (rows["latency_ms"] * rows["area_mm2"]),
)  # fmt: skip


def __getattr__(name: str) -> object:
    if name != "CHECKERBOARD":
        raise AttributeError(name)
    from codesign_third_party.checkerboard import CHECKERBOARD  # brings torch, so it waits until it is asked for

    return CHECKERBOARD
