"""`codesign simulate`: hardware only, no torch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast, get_args

import typer

if TYPE_CHECKING:
    from codesign.cli.requested import Request
    from codesign.cli.scalesim import Reported
    from hw_models.hardware import Hardware
    from hw_models.program import Program

Engine = Literal["event", "fast", "auto"]

EXAMPLES = """Examples:

codesign simulate --gemm 197x768x3072

codesign simulate --hardware edge32 --model vit-base --density 0.7 --seed 1

codesign simulate --gemm 64x64x64 --set array.rows=8 --set array.dataflow=output_stationary --json"""


def simulate(
    hardware: Annotated[
        str, typer.Option(help="A machine (codesign ls hardware), .yaml or SCALE-Sim .cfg.")
    ] = "edge16",
    gemm: Annotated[
        list[str] | None, typer.Option(metavar="MxKxN", help="M rows streamed, K reduced, N outputs; may be repeated.")
    ] = None,
    topology: Annotated[
        Path | None, typer.Option(help="SCALE-Sim's .csv (convolutions or products), or an .onnx model.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="A network of the library (codesign ls shapes).")] = None,
    seq: Annotated[int | None, typer.Option(help="Length of the model's input, in its own positions.")] = None,
    batch: Annotated[int | None, typer.Option(help="Inputs at once.")] = None,
    size: Annotated[
        list[str] | None, typer.Option(metavar="NAME=N", help="A dimension that an .onnx model leaves open.")
    ] = None,
    changes: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="Override a field of the machine.")
    ] = None,
    mask: Annotated[
        Path | None, typer.Option(help=".npy, bool (k_tiles, n_tiles), True where a tile lives; for one --gemm.")
    ] = None,
    density: Annotated[
        float | None, typer.Option(help="Share of live tiles of a random mask for every weight matrix.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the random masks.")] = 0,
    tile: Annotated[
        str | None, typer.Option(metavar="KxN", help="Elements of a mask's tile; the array's if left out.")
    ] = None,
    engine: Annotated[str, typer.Option(help="event, fast, or auto: fast where it applies.")] = "auto",
    compat: Annotated[
        str | None, typer.Option(metavar="scalesim", help="Add what SCALE-Sim 3 would report of each layer.")
    ] = None,
    scalesim_reports: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write SCALE-Sim's report files.")
    ] = None,
    trace: Annotated[
        Path | None, typer.Option(metavar="OUT.json", help="Write a timeline that ui.perfetto.dev opens.")
    ] = None,
    accelergy: Annotated[
        Path | None, typer.Option(metavar="OUT.yaml", help="Write the machine's prices as Accelergy ERT and ART.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Products, a topology or a network on a machine: cycles, energy, traffic."""
    import json

    from codesign.cli.cost_text import cost_text
    from codesign.cli.requested import Request, machine_of, program_of
    from hw_models.simulation import simulate as run

    request = Request(
        hardware, tuple(gemm or ()), topology, model, seq, batch, tuple(size or ()), mask, density, seed, tile
    )
    machine = machine_of(hardware, changes or [])
    program = program_of(request, machine)
    compared = _compared(compat, scalesim_reports, request, program, machine)
    document = run(program, machine, engine=_engine(engine)).as_dict()
    for layer, reported in zip(document["layers"], compared, strict=False):
        if reported.figures is not None:
            layer["scalesim"] = reported.figures.as_dict()
    if trace is not None:
        _write_trace(program, machine, trace)
    if accelergy is not None:
        _write_accelergy(machine, accelergy)
    print(json.dumps(document, allow_nan=False) if as_json else cost_text(document))


def _engine(name: str) -> Engine:
    """The name, if it is one."""
    if name not in get_args(Engine):
        raise ValueError(f"--engine: {name!r} is not one of {', '.join(get_args(Engine))}")
    return cast(Engine, name)


def _compared(
    compat: str | None, reports: Path | None, request: Request, program: Program, machine: Hardware
) -> list[Reported]:
    """SCALE-Sim's figures of each layer, written to its reports where asked; nothing if neither is wanted."""
    if compat is None and reports is None:
        return []
    from codesign.cli.scalesim import layer_figures, write

    layers = layer_figures(compat or "scalesim", program, machine, request)
    if reports is not None:
        write(reports, program, layers)
    return layers


def _write_trace(program: Program, machine: Hardware, path: Path) -> None:
    from hw_models.trace import write_trace

    write_trace(program, machine, path)


def _write_accelergy(machine: Hardware, path: Path) -> None:
    from hw_models.energy import area, prices_of
    from hw_models.energy.accelergy import write_tables

    write_tables(machine, prices_of(machine), area(machine), path)
