"""What the options of `codesign simulate` ask for: a machine, and a program on it."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hw_models.hardware import Hardware
from hw_models.program import Gemm, Program, TileMask

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

LARGEST_SIDE = 2**31 - 1
LARGEST_WORK = 2**58  # MACs; what is counted stays far inside 64 bits


@dataclass(frozen=True)
class Request:
    """The options that name the machine and the work, as they came."""

    hardware: str
    gemms: tuple[str, ...] = ()
    topology: Path | None = None
    model: str | None = None
    seq: int | None = None
    batch: int | None = None
    sizes: tuple[str, ...] = ()
    mask: Path | None = None
    density: float | None = None
    seed: int = 0
    tile: str | None = None


def machine_of(name: str, changes: list[str]) -> Hardware:
    """The machine with `FIELD=VALUE` changes, each value read as YAML reads it."""
    from hw_models.machine_file import ALIASES
    from hw_models.yaml_text import load_yaml

    machine = Hardware.load(name)
    fields: dict[str, Any] = {}  # Any: whatever the field holds
    given: set[str] = set()
    for change in changes:
        field, equals, value = change.partition("=")
        if not equals or not field:
            raise ValueError(f"--set: {change!r}: want FIELD=VALUE, such as array.rows=32")
        if twice := given.intersection(ALIASES.get(field, (field,))):
            raise ValueError(f"--set: {change[:80]!r}: {min(twice)} is set twice; say it once")
        given.update(ALIASES.get(field, (field,)))
        try:
            fields[field] = load_yaml(value)
        except ValueError as error:
            raise ValueError(f"--set: {change[:80]!r} is not a value that YAML can read: {error}") from None
    return machine.with_(**fields) if fields else machine


def program_of(request: Request, machine: Hardware) -> Program:
    """The program: products, a topology or a network of the library, with the masks that were asked for."""
    named = [bool(request.gemms), request.topology is not None, request.model is not None]
    if sum(named) != 1:
        raise ValueError("simulate: want one of --gemm MxKxN, --topology FILE, --model SHAPES")
    if request.mask is not None and request.density is not None:
        raise ValueError("simulate: --mask and --density exclude each other: one gives the tiles, the other draws them")
    if (request.seq is not None or request.batch is not None) and request.gemms:
        raise ValueError("simulate: --seq and --batch belong to --model; a product says its sizes itself")
    if request.sizes and (request.topology is None or request.topology.suffix != ".onnx"):
        raise ValueError("simulate: --size closes a dimension of an .onnx model; there is none here")
    program = _masked(_unmasked(request), request, machine)
    if program.macs > LARGEST_WORK:
        raise ValueError(f"simulate: {program.name}: {program.macs} multiply-accumulates; {LARGEST_WORK} at most")
    return program


def _unmasked(request: Request) -> Program:
    if request.gemms:
        name = request.gemms[0] if len(request.gemms) == 1 else f"{len(request.gemms)} products"
        return Program(tuple(_gemm(text) for text in request.gemms), name=name)
    if request.model is not None:
        from hw_models.shapes import shape_program

        return shape_program(request.model, request.seq, 1 if request.batch is None else request.batch)
    assert request.topology is not None
    return _topology(request.topology, request)


def _gemm(text: str) -> Gemm:
    m, k, n = _sides(text, "--gemm", 3, "MxKxN, such as 197x768x3072")
    return Gemm(text, m, k, n)


def _sides(text: str, option: str, count: int, want: str) -> list[int]:
    """`197x768` as numbers."""
    if not re.fullmatch("x".join([r"[0-9]{1,10}"] * count), text):
        raise ValueError(f"{option}: {text!r}: want {want}")
    sides = [int(side) for side in text.split("x")]
    if not all(1 <= side <= LARGEST_SIDE for side in sides):
        raise ValueError(f"{option}: {text!r}: every side must be from 1 to {LARGEST_SIDE}")
    return sides


def _topology(path: Path, request: Request) -> Program:
    if path.suffix == ".csv":
        from hw_models.compat.scalesim import program_of as scalesim_program
        from hw_models.compat.scalesim import read_topology

        if request.seq is not None or request.batch is not None:
            raise ValueError("simulate: --seq and --batch: a SCALE-Sim topology says its sizes itself")
        return scalesim_program(read_topology(path), path.stem)
    if path.suffix == ".onnx":
        return _onnx(path, _sizes(request))
    raise ValueError(f"--topology: {path.name}: want a SCALE-Sim .csv or an .onnx model")


def _sizes(request: Request) -> dict[str, int]:
    """The dimensions that the command line closes: `--size NAME=N`, and `--seq` and `--batch` by those names."""
    sizes = {name: size for name, size in (("seq", request.seq), ("batch", request.batch)) if size is not None}
    for text in request.sizes:
        name, _, size = text.rpartition("=")
        if not name or not re.fullmatch("[0-9]{1,10}", size) or int(size) < 1:
            raise ValueError(f"--size: {text!r}: want NAME=N, such as batch_size=1")
        if name in sizes:
            raise ValueError(f"--size: {text!r}: {name} is given twice; say it once")
        sizes[name] = int(size)
    return sizes


def _onnx(path: Path, sizes: dict[str, int]) -> Program:
    import sys

    try:
        from codesign.lowering.onnx import lower_onnx
    except ImportError as error:
        raise ValueError(f"--topology: {path.name}: reading ONNX needs the package onnx ({error})") from error
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        program = lower_onnx(path, sizes)
    for warning in caught:
        print(f"codesign: {warning.message}", file=sys.stderr)
    return program


def _masked(program: Program, request: Request, machine: Hardware) -> Program:
    if request.mask is None and request.density is None:
        if request.tile is not None:
            raise ValueError("simulate: --tile says nothing without --mask or --density")
        return program
    tile = _tile(request, machine)
    if request.density is not None:
        from hw_models.random_masks import with_density

        return with_density(program, request.density, tile, request.seed)
    if len(request.gemms) != 1:
        raise ValueError("--mask: a mask belongs to one --gemm; --density draws masks for a whole program")
    (gemm,) = program.ops
    assert isinstance(gemm, Gemm)
    assert request.mask is not None
    tiles = TileMask(_read_mask(request.mask), tile, (gemm.k, gemm.n))
    return Program((Gemm(gemm.name, gemm.m, gemm.k, gemm.n, tiles),), name=program.name)


def _tile(request: Request, machine: Hardware) -> tuple[int, int]:
    """(k, n) elements of a tile: as asked, or what the array holds."""
    if request.tile is None:
        return machine.array.rows, machine.array.cols
    k, n = _sides(request.tile, "--tile", 2, "KxN, such as 16x16")
    return k, n


def _read_mask(path: Path) -> npt.NDArray[np.bool_]:
    """A bool array (k_tiles, n_tiles) from a `.npy`."""
    import numpy as np

    try:
        mask = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError, MemoryError, SyntaxError, TypeError) as error:
        raise ValueError(f"--mask: {path.name}: {' '.join(str(error).split()) or 'not a .npy file'}") from None
    if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_ or mask.ndim != 2:
        came = f"{mask.dtype} {mask.shape}" if isinstance(mask, np.ndarray) else type(mask).__name__
        raise ValueError(f"--mask: {path.name}: {came} came, want bool (k_tiles, n_tiles)")
    return np.asarray(mask)
