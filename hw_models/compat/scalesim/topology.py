"""SCALE-Sim's topology files: convolutions (eight columns) and products (Layer, M, N, K), as its examples write them.

What the examples in circulation hold and this reader takes: a last comma or none, blank lines, lines of commas, spaces
and tabs, a remark behind the last column, an N:M column. Two things of SCALE-Sim's are kept because its figures rest
on them: a convolution has ceil((size - filter + stride) / stride) outputs a side, and a convolution with `DP` in its
name is depth-wise, one product a channel.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import numpy as np

from hw_models.compat.scalesim.config import LARGEST, parse_count
from hw_models.program import Gemm, Program, TileMask

GEMM_COLUMNS = ("M", "N", "K")
CONV_COLUMNS = (
    "IFMAP Height", "IFMAP Width", "Filter Height", "Filter Width", "Channels", "Num Filter", "Strides",
)  # fmt: skip


@dataclass(frozen=True)
class TopologyLayer:
    """A row of a topology as a product; `repeat` > 1 for the channels of a depth-wise convolution."""

    name: str
    m: int
    k: int
    n: int
    repeat: int = 1
    n_of_m: tuple[int, int] = (1, 1)  # weights kept in each group along K: 2:4 is (2, 4)

    def gemm(self) -> Gemm:
        """The product; N:M weights are a mask of whole rows, the first N of each M, the same for every output."""
        kept, group = self.n_of_m
        tiles = None
        if kept < group:
            alive = (np.arange(self.k) % group < kept)[:, None]
            tiles = TileMask(alive, (1, self.n), (self.k, self.n))
        return Gemm(self.name, self.m, self.k, self.n, tiles, repeat=self.repeat)


def read_topology(path: str | Path) -> tuple[TopologyLayer, ...]:
    """Read and check a topology; `ValueError` names file, line, column, the value that came and what would do."""
    where = f"topology {Path(path).name}"
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{where}: {error}") from error
    try:
        lines = [(number, _cells(row)) for number, row in enumerate(csv.reader(text.splitlines()), 1)]
    except csv.Error as error:
        raise ValueError(f"{where}: {error}") from error
    filled = [(number, cells) for number, cells in lines if cells]
    if len(filled) < 2:
        raise ValueError(f"{where}: a header line and at least one layer are needed, {len(filled)} lines came")
    columns = _columns(filled[0][1], f"{where}: line {filled[0][0]}")
    return tuple(_layer(cells, columns, f"{where}: line {number}") for number, cells in filled[1:])


def program_of(layers: tuple[TopologyLayer, ...], name: str) -> Program:
    """The layers as products, one after the other; SCALE-Sim knows no other work."""
    return Program(tuple(layer.gemm() for layer in layers), name=name)


def _cells(row: list[str]) -> list[str]:
    """The cells of a line without the blanks around them and the empty ones behind the last."""
    cells = [cell.strip() for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _columns(header: list[str], where: str) -> tuple[str, ...]:
    """Which of the two kinds of file this is; SCALE-Sim never reads the header, so one that disagrees is refused."""
    names = [cell.upper() for cell in header[1:]]
    if parse_count(header[1] if len(header) > 1 else "") is not None:
        raise ValueError(f"{where}: a header line belongs here; SCALE-Sim would pass over this layer")
    if sorted(names[:3]) == sorted(GEMM_COLUMNS):
        if tuple(names[:3]) != GEMM_COLUMNS:
            raise ValueError(f"{where}: columns {', '.join(header[1:4])}: SCALE-Sim reads them as M, N, K in any case")
        return GEMM_COLUMNS
    if len(names) >= len(CONV_COLUMNS):
        return CONV_COLUMNS
    raise ValueError(
        f"{where}: columns {', '.join(header)[:120]!r} are neither 'Layer, M, N, K' nor 'Layer name, "
        f"{', '.join(CONV_COLUMNS)}'"
    )


def _layer(cells: list[str], columns: tuple[str, ...], where: str) -> TopologyLayer:
    if not cells[0].isprintable():
        raise ValueError(f"{where}: layer name: {cells[0][:40]!r} holds characters that cannot be printed")
    sizes = [_size(cells, index, name, where) for index, name in enumerate(columns, 1)]
    extra = cells[len(columns) + 1] if len(cells) > len(columns) + 1 else ""
    n_of_m = _ratio(extra, where) if ":" in extra else (1, 1)
    if columns is GEMM_COLUMNS:
        m, n, k = sizes
        return TopologyLayer(cells[0], m, k, n, n_of_m=n_of_m)
    return _convolution(cells[0], sizes, n_of_m, where)


def _convolution(name: str, sizes: list[int], n_of_m: tuple[int, int], where: str) -> TopologyLayer:
    """A convolution as SCALE-Sim unrolls it: windows by filter elements by filters, the input already padded."""
    height, width, filter_height, filter_width, channels, filters, stride = sizes
    if filter_height > height or filter_width > width:
        raise ValueError(
            f"{where}: a filter of {filter_height}x{filter_width} is larger than its input of {height}x{width}"
        )
    out_height, out_width = (
        ceil((size - kernel + stride) / stride) for size, kernel in ((height, filter_height), (width, filter_width))
    )
    depthwise = "DP" in name
    k = filter_height * filter_width * (1 if depthwise else channels)
    if max(out_height * out_width, k) > LARGEST:
        raise ValueError(f"{where}: the unrolled convolution is larger than {LARGEST} along one side")
    return TopologyLayer(name, out_height * out_width, k, filters, channels if depthwise else 1, n_of_m)


def _size(cells: list[str], index: int, column: str, where: str) -> int:
    text = cells[index] if index < len(cells) else ""
    value = parse_count(text)
    if value is None:
        came = f"{text!r} came" if text else "nothing came"
        raise ValueError(f"{where}: {column}: {came}, a whole number from 1 to {LARGEST} is needed")
    return value


def _ratio(text: str, where: str) -> tuple[int, int]:
    """`N:M`, at most N weights kept of each M along K."""
    parts = [parse_count(part) for part in text.split(":")]
    if len(parts) != 2 or parts[0] is None or parts[1] is None or parts[0] > parts[1]:
        raise ValueError(f"{where}: sparsity: {text!r} is not N:M with 1 <= N <= M, such as 2:4")
    return parts[0], parts[1]
