"""A program on a machine: which engine runs, and what the layers cost together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from hw_models.cost import FIGURES, Cost
from hw_models.hardware import Hardware
from hw_models.program import Gemm, Program

Engine = Literal["event", "fast", "auto"]


def simulate(program: Program, hardware: Hardware, engine: Engine = "auto") -> Cost:
    """What `program` costs on `hardware`."""
    from hw_models.engine.event import run_gemm, run_host
    from hw_models.sparsity import note

    table = np.zeros((len(program.ops), len(FIGURES)), np.int64)
    for row, op in enumerate(program.ops):
        figures: Mapping[str, int] = run_gemm(op, hardware) if isinstance(op, Gemm) else run_host(op, hardware)
        table[row] = [figures.get(name, 0) * op.repeat for name in FIGURES]
    notes = (note(op, hardware) for op in program.ops if isinstance(op, Gemm))
    return Cost(hardware, "event", program.name, program.ops, table, tuple(filter(None, notes)))
