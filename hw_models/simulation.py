"""A program on a machine: which engine runs, and what the layers cost together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from hw_models.cost import COLUMN, Cost
from hw_models.engine import fast
from hw_models.hardware import Hardware
from hw_models.program import Gemm, HostOp, Program
from hw_models.sparsity import note

Engine = Literal["event", "fast", "auto"]
Run = Callable[[Sequence[Gemm | HostOp]], npt.NDArray[np.int64]]
"""(ops, figures) of one repetition of each operation."""


def simulate(program: Program, hardware: Hardware, engine: Engine = "auto") -> Cost:
    """What `program` costs on `hardware`.

    `auto` takes the fast engine wherever it applies, and the event engine, the reference, elsewhere; `Cost.engine`
    says which ran. Both give the same numbers.
    """
    ran, run, notes = _choose(hardware, engine)
    table = run(program.ops)
    notes += [
        _note(op, hardware)
        for op, skipped in zip(program.ops, table[:, COLUMN["macs_skipped"]], strict=True)
        if not skipped
    ]
    table *= np.array([[op.repeat] for op in program.ops])
    return Cost(hardware, ran, program.name, program.ops, table, tuple(filter(None, notes)))


def _note(op: Gemm | HostOp, hardware: Hardware) -> str | None:
    return note(op, hardware) if isinstance(op, Gemm) else None


def _choose(hardware: Hardware, engine: Engine) -> tuple[str, Run, list[str | None]]:
    """Name of the engine, how it runs operations, and what is to be said about the choice."""
    if engine not in get_args(Engine):
        raise ValueError(f"engine: {engine!r} is not one of {', '.join(get_args(Engine))}")
    reason = fast.why_not(hardware)
    if engine == "fast" and reason:
        raise ValueError(f"engine: fast does not apply to {hardware.name}: {reason}; event does")
    if engine == "event" or reason:
        from hw_models.engine import event

        said: list[str | None] = [f"the event engine ran: {reason}"] if reason and engine == "auto" else []
        return "event", lambda ops: event.run(ops, hardware), said
    return "fast", fast.engine_of(hardware).run, []
