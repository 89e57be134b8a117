"""`--compat scalesim`: each layer beside what SCALE-Sim 3 would report of one run of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast, get_args

from codesign.cli.requested import Request
from hw_models.compat.scalesim import ScaleSimFigures, figures, read_topology, write_reports
from hw_models.compat.scalesim.formulas import Dataflow
from hw_models.hardware import Hardware
from hw_models.program import Gemm, Program


def layer_figures(compat: str, program: Program, machine: Hardware, request: Request) -> list[ScaleSimFigures | None]:
    """One entry an operation, None for work of the host, which SCALE-Sim does not know."""
    if compat != "scalesim":
        raise ValueError(f"--compat: {compat!r}: scalesim is the one simulator we reproduce")
    if request.mask is not None or request.density is not None:
        raise ValueError("--compat scalesim: SCALE-Sim knows no masks; leave --mask and --density out")
    ratios = _ratios(program, machine, request)
    array, dataflow = machine.array, _dataflow(machine)
    return [
        figures(op.m, op.k, op.n, array.rows, array.cols, dataflow, ratio) if isinstance(op, Gemm) else None
        for op, ratio in zip(program.ops, ratios, strict=True)
    ]


def _dataflow(machine: Hardware) -> Dataflow:
    """The machine's, if it is one of SCALE-Sim's."""
    name = machine.array.dataflow
    if name not in get_args(Dataflow):
        raise ValueError(f"--compat scalesim: SCALE-Sim has no {name}; it has {', '.join(get_args(Dataflow))}")
    return cast(Dataflow, name)


def write(directory: Path, program: Program, layers: Sequence[ScaleSimFigures | None]) -> None:
    """SCALE-Sim's reports; it knows no repeats, so each run of a layer is a row."""
    rows = [layer for op, layer in zip(program.ops, layers, strict=True) if layer for _ in range(op.repeat)]
    write_reports(directory, rows)


def _ratios(program: Program, machine: Hardware, request: Request) -> list[tuple[int, int]]:
    """N:M of each layer: the topology's where the configuration turns sparsity on, as in SCALE-Sim."""
    if request.topology is None or request.topology.suffix != ".csv" or machine.sparsity.kind != "row_skip":
        return [(1, 1)] * len(program.ops)
    return [layer.n_of_m for layer in read_topology(request.topology)]
