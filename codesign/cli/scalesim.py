"""`--compat scalesim`: each layer beside what SCALE-Sim 3 would report of one run of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

from codesign.cli.requested import Request
from hw_models.compat.scalesim import (
    FilterStorage,
    ScaleSimFigures,
    figures,
    filter_storage,
    read_config,
    read_topology,
    write_reports,
)
from hw_models.compat.scalesim.formulas import Dataflow
from hw_models.hardware import Hardware
from hw_models.program import Gemm, Program


@dataclass(frozen=True)
class Reported:
    """What SCALE-Sim would say of an operation; None for work of the host, which it does not know."""

    figures: ScaleSimFigures | None
    storage: FilterStorage | None = None  # where its sparsity is on


def layer_figures(compat: str, program: Program, machine: Hardware, request: Request) -> list[Reported]:
    """One entry an operation."""
    if compat != "scalesim":
        raise ValueError(f"--compat: {compat!r}: scalesim is the one simulator we reproduce")
    if request.mask is not None or request.density is not None:
        raise ValueError("--compat scalesim: SCALE-Sim knows no masks; leave --mask and --density out")
    stored = read_config(request.hardware).sparsity if request.hardware.endswith(".cfg") else None
    ratios = _ratios(program, bool(stored) or machine.sparsity.kind == "row_skip", request)
    array, dataflow = machine.array, _dataflow(machine)
    return [
        Reported(
            figures(op.m, op.k, op.n, array.rows, array.cols, dataflow, ratio),
            filter_storage(op.k, op.n, ratio, stored) if stored else None,
        )
        if isinstance(op, Gemm)
        else Reported(None)
        for op, ratio in zip(program.ops, ratios, strict=True)
    ]


def _dataflow(machine: Hardware) -> Dataflow:
    """The machine's, if it is one of SCALE-Sim's."""
    name = machine.array.dataflow
    if name not in get_args(Dataflow):
        raise ValueError(f"--compat scalesim: SCALE-Sim has no {name}; it has {', '.join(get_args(Dataflow))}")
    return cast(Dataflow, name)


def write(directory: Path, program: Program, layers: Sequence[Reported]) -> None:
    """SCALE-Sim's reports; it knows no repeats, so each run of a layer is a row."""
    rows = [layer for op, layer in zip(program.ops, layers, strict=True) for _ in range(op.repeat)]
    write_reports(
        directory,
        [layer.figures for layer in rows if layer.figures],
        [layer.storage for layer in rows if layer.storage],
    )


def _ratios(program: Program, sparse: bool, request: Request) -> list[tuple[int, int]]:
    """N:M of each layer: the topology's where sparsity is on, as in SCALE-Sim."""
    if request.topology is None or request.topology.suffix != ".csv" or not sparse:
        return [(1, 1)] * len(program.ops)
    return [layer.n_of_m for layer in read_topology(request.topology)]
