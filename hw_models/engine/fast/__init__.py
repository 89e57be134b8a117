"""The fast engine: the law of docs/timing.md as a recurrence over live granules and steps, closed form where it can be.

It imports numba only for a product with a mask. What depends on shapes alone is worked out once for each machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from hw_models.cost import COLUMN, FIGURES
from hw_models.dataflow import DATAFLOWS
from hw_models.engine.fast.dense import run_dense
from hw_models.engine.fast.shape import shape_of
from hw_models.engine.fast.survey import Survey
from hw_models.engine.fast.tight import run_tight
from hw_models.engine.fast.totals import write_figures
from hw_models.hardware import Hardware
from hw_models.program import Gemm, HostOp
from hw_models.sparsity import product_of
from hw_models.units.host import host_work

if TYPE_CHECKING:
    from hw_models.engine.fast.masked import Plan

Ints = npt.NDArray[np.int64]


def why_not(hardware: Hardware) -> str | None:
    """Why this engine does not apply to a machine, or None where it does."""
    if hardware.array.dataflow not in DATAFLOWS:
        return f"the dataflow {hardware.array.dataflow} comes from another package"
    if hardware.arrays > 1:
        return f"{hardware.arrays} arrays share the DRAM"
    return None


@lru_cache(maxsize=64)
def engine_of(hardware: Hardware) -> FastEngine:
    """One engine for each machine, so that what it has worked out serves every program."""
    return FastEngine(hardware)


class FastEngine:
    """One machine, and what was worked out for it so far."""

    def __init__(self, hardware: Hardware) -> None:
        self._hardware = hardware
        self._known: dict[tuple[object, ...], Ints] = {}
        self._plans: dict[tuple[object, ...], Plan] = {}

    def run(self, ops: Sequence[Gemm | HostOp]) -> Ints:
        """(ops, figures) of one repetition of each."""
        table = np.zeros((len(ops), len(FIGURES)), np.int64)
        if self._hardware.coupling.kind == "cpu_instruction":
            return self._run_tight(ops, table)
        skips = self._hardware.sparsity.kind in ("tile_skip", "row_skip")
        for row, op in zip(table, ops, strict=True):
            if skips and isinstance(op, Gemm) and op.tiles is not None:
                self._plan(op, op.tiles.tile).run(op.tiles.alive, row)
            else:
                row[:] = self._recall(op)
        return table

    def _run_tight(self, ops: Sequence[Gemm | HostOp], table: Ints) -> Ints:
        for row, op in zip(table, ops, strict=True):
            if isinstance(op, HostOp):
                row[:] = self._recall(op)
            else:
                figures = run_tight(op, self._hardware)
                row[:] = [figures.get(name, 0) for name in FIGURES]
        return table

    def _recall(self, op: Gemm | HostOp) -> Ints:
        """What depends on the shape alone is worked out once."""
        if isinstance(op, HostOp):
            key: tuple[object, ...] = (op.kind, op.elements, op.rows)
        else:
            kept = product_of(op, self._hardware).kept if op.tiles is not None else (1, 1)
            key = (op.m, op.k, op.n, op.activation_format, op.weight_format, op.bias, kept)
        if key not in self._known:
            self._known[key] = self._run_host(op) if isinstance(op, HostOp) else self._run_dense(op)
        return self._known[key]

    def _run_host(self, op: HostOp) -> Ints:
        work = host_work(op, self._hardware)
        row = np.zeros(len(FIGURES), np.int64)
        row[COLUMN["cycles"]] = row[COLUMN["host_cycles"]] = work.cycles
        row[COLUMN["host_operations"]] = work.operations
        return row

    def _run_dense(self, gemm: Gemm) -> Ints:
        survey = Survey.of(product_of(gemm, self._hardware), self._hardware)
        row = [0] * len(FIGURES)
        write_figures(row, run_dense(survey), shape_of(survey), survey.rules())
        return np.array(row, np.int64)

    def _plan(self, gemm: Gemm, tile: tuple[int, int]) -> Plan:
        key = (gemm.m, gemm.k, gemm.n, gemm.activation_format, gemm.weight_format, gemm.bias, tile)
        if key not in self._plans:
            from hw_models.engine.fast.masked import Plan

            self._plans[key] = Plan.of(gemm, tile, self._hardware)
        return self._plans[key]
