"""A product as the RTL takes it: parameters of a machine, words of a job's streams, and the results expected."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log2

import numpy as np
import numpy.typing as npt

from rtl.bench.numbers import float_product, integer_product

OVERLAPS = ("serial", "wavefront", "double_buffered", "double_buffered_global")  # job_mode_i of rtl/top.sv
FORMATS = ("int8", "hybrid", "fp32")  # Format of rtl/top.sv


@dataclass(frozen=True)
class Machine:
    """Parameters of rtl/top.sv; `None` for the port: a row a cycle."""

    rows: int
    cols: int
    format: str = "int8"
    stages: int = 1
    double_buffered: bool = True
    scan_bits: int = 8
    port_bits: int | None = None
    size_bits: int = 7
    tile_bits: int = 4
    memory_bits: int = 10
    """Address bits of each memory but the bitmap's."""

    @property
    def act_bits(self) -> int:
        """Of one activation."""
        return 8 if self.format == "int8" else 32

    @property
    def weight_bits(self) -> int:
        """Of one weight as it comes in."""
        return 32 if self.format == "fp32" else 8

    @property
    def bitmap_addr_bits(self) -> int:
        """Enough words for every tile that tile_bits can count, and at least two."""
        return max(2, 2 * self.tile_bits - int(log2(self.scan_bits)))

    def parameters(self, top: str = "top") -> dict[str, int]:
        """By their names in rtl/top.sv, or those that rtl/top_os.sv has of them."""
        every = {
            "Rows": self.rows,
            "Cols": self.cols,
            "Format": FORMATS.index(self.format),
            "Stages": self.stages,
            "DoubleBuffered": int(self.double_buffered),
            "ActBits": self.act_bits,
            "WeightBits": self.weight_bits,
            "ScanBits": self.scan_bits,
            "PortBits": self.port_bits or 0,
            "SizeBits": self.size_bits,
            "TileBits": self.tile_bits,
            "BitmapAddrBits": self.bitmap_addr_bits,
            "WeightAddrBits": self.memory_bits,
            "ActAddrBits": self.memory_bits,
            "SumAddrBits": self.memory_bits,
        }
        missing = ("Stages", "DoubleBuffered", "ScanBits", "PortBits", "BitmapAddrBits") if top == "top_os" else ()
        return {name: value for name, value in every.items() if name not in missing}


@dataclass(frozen=True, eq=False)
class Job:
    """One product a (m, k) @ b (k, n) on a machine; `mask` (k_tiles, n_tiles), True where a tile lives, None: dense."""

    machine: Machine
    a: npt.NDArray[np.generic]
    b: npt.NDArray[np.generic]
    mask: npt.NDArray[np.bool_] | None = None
    overlap: str = "double_buffered"
    ragged: str = "full"

    @property
    def tiles(self) -> tuple[int, int]:
        """(k_tiles, n_tiles)."""
        return ceil(self.a.shape[1] / self.machine.rows), ceil(self.b.shape[1] / self.machine.cols)

    @property
    def alive(self) -> npt.NDArray[np.bool_]:
        """The mask, all ones where there is none."""
        return np.ones(self.tiles, bool) if self.mask is None else self.mask

    def fields(self) -> dict[str, int]:
        """The job port, by the names of rtl/top.sv without job_ and _i."""
        rows_over = self.a.shape[1] % self.machine.rows
        return {
            "mode": OVERLAPS.index(self.overlap),
            "dense": int(self.mask is None),
            "no_weights": int(not self.alive.any()),
            "m": self.a.shape[0],
            "k_tiles": self.tiles[0],
            "n_tiles": self.tiles[1],
            "last_rows": rows_over if self.ragged == "exact" and rows_over else self.machine.rows,
        }

    top = "top"

    def streams(self) -> dict[str, list[int]]:
        """The words of each stream, by the names of rtl/top.sv."""
        return {"bitmap": self.bitmap_words(), "act": self.act_words(), "weight": self.weight_words()}

    def bitmap_words(self) -> list[int]:
        """One bit a tile in the order of the passes (K inside N), scan_bits to a word, the first in the lowest bit."""
        if self.mask is None:
            return []
        bits, width = self.mask.T.ravel(), self.machine.scan_bits
        return [_packed(bits[at : at + width].astype(np.uint8), 1) for at in range(0, bits.size, width)]

    def act_words(self) -> list[int]:
        """Row by row, K tiles inside, padded with zeros to whole tiles."""
        machine = self.machine
        m, k = self.a.shape
        padded = np.zeros((m, self.tiles[0] * machine.rows), self.a.dtype)
        padded[:, :k] = self.a
        return words_of(padded.reshape(-1, machine.rows), machine.act_bits, machine.port_bits)

    def weight_words(self) -> list[int]:
        """The rows of the live tiles in the order of the passes, first row first, padded with zeros to whole rows."""
        machine = self.machine
        rows, cols, last_rows = machine.rows, machine.cols, self.fields()["last_rows"]
        padded = np.zeros((self.tiles[0] * rows, self.tiles[1] * cols), self.b.dtype)
        padded[: self.b.shape[0], : self.b.shape[1]] = self.b
        words: list[int] = []
        for n in range(self.tiles[1]):
            for k in np.flatnonzero(self.alive[:, n]):
                height = last_rows if k == self.tiles[0] - 1 else rows
                tile = padded[k * rows : k * rows + height, n * cols : (n + 1) * cols]
                words += words_of(tile, machine.weight_bits, machine.port_bits)
        return words

    def results(self, words: list[int]) -> npt.NDArray[np.generic]:
        """(m, n) out of the words of the result stream: row by row, N tiles inside, the first column lowest."""
        return sums_of(words, self.machine, self.a.shape[0])[:, : self.b.shape[1]]

    def expected(self) -> npt.NDArray[np.generic]:
        """(m, n), what numpy makes of it in the array's order of sums."""
        machine, n = self.machine, self.b.shape[1]
        by_column = np.repeat(self.alive, machine.cols, axis=1)[:, :n]
        if machine.format == "int8":
            by_weight = np.repeat(by_column, machine.rows, axis=0)[: self.a.shape[1]]
            total = integer_product(self.a.astype(np.int64), self.b.astype(np.int64), by_weight, machine.rows, 32)
            return total.astype(np.int32)
        return float_product(self.a.astype(np.float32), self.b.astype(np.float32), by_column, machine.rows)


def sums_of(words: list[int], machine: Machine, m: int) -> npt.NDArray[np.generic]:
    """(m, n_tiles * cols) sums out of the words of a result stream."""
    kind = np.int32 if machine.format == "int8" else np.float32
    rows = [np.frombuffer(word.to_bytes(machine.cols * 4, "little"), kind) for word in words]
    return np.concatenate(rows).reshape(m, -1)


def _packed(values: npt.NDArray[np.generic], bits: int) -> int:
    """One word, the first value in the lowest bits."""
    if bits == 1:
        return int(sum(int(value) << place for place, value in enumerate(values)))
    return int.from_bytes(np.ascontiguousarray(values).tobytes(), "little")


def words_of(rows: npt.NDArray[np.generic], bits: int, port_bits: int | None) -> list[int]:
    """Each row as one word, or as the words of a narrow port, low end first."""
    kind = np.int8 if bits == 8 else np.float32
    whole = [_packed(row.astype(kind), bits) for row in rows]
    if port_bits is None:
        return whole
    each = ceil(rows.shape[1] * bits / port_bits)
    return [word >> (place * port_bits) & ((1 << port_bits) - 1) for word in whole for place in range(each)]
