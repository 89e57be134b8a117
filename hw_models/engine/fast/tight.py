"""The fast engine on a tightly coupled machine: every live tile takes the same, so a product is a multiplication."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt

from hw_models.hardware import SUM_BYTES, CpuInstruction, Hardware
from hw_models.placement import place
from hw_models.program import Gemm
from hw_models.sparsity import Product, product_of


@dataclass(frozen=True, slots=True)
class Instructions:
    """Custom instructions of one live tile, and the words of output it adds up: w, s, o of SASP's kernel.

    For N x N tiles, A = N / activations in a word, Wc = ceil(N / weights in a word): w = N Wc, s = A (M + 2N - 1) - 1,
    o = M A.
    """

    weights: int
    streams: int
    sums: int


def instructions_of_tile(m: int, product_formats_bytes: tuple[int, int], hardware: Hardware) -> Instructions:
    """For m tokens, with (activation, weight) bytes."""
    assert isinstance(hardware.coupling, CpuInstruction), "only a tightly coupled array is fed by instructions"
    array, word = hardware.array, hardware.coupling.word_bits
    activation, weight = (8 * size for size in product_formats_bytes)
    across = -(-max(array.rows, array.cols) * activation // word)
    return Instructions(
        array.rows * -(-array.cols * weight // word), across * (m + array.rows + array.cols - 1) - 1, m * across
    )


def run_tight(gemm: Gemm, hardware: Hardware) -> dict[str, int]:
    """Figures of one repetition, by the names of `FIGURES`; those it lacks are 0."""
    product = product_of(gemm, hardware)
    return _Bill(product, hardware).figures(*_live(product, hardware))


def _live(product: Product, hardware: Hardware) -> tuple[int, int, int]:
    """(tiles, live ones, live weights)."""
    rows, cols = hardware.array.rows, hardware.array.cols
    tiles = ceil(product.k / rows) * ceil(product.n / cols)
    if product.alive is None:
        return tiles, tiles, product.k * product.n
    return (
        tiles,
        int(np.count_nonzero(product.alive)),
        int(_sides(product.k, rows) @ product.alive @ _sides(product.n, cols)),
    )


def _sides(size: int, tile: int) -> npt.NDArray[np.int64]:
    return np.minimum(size - np.arange(0, size, tile), tile)


class _Bill:
    """What a tile takes, and what stands around the tiles."""

    def __init__(self, product: Product, hardware: Hardware) -> None:
        assert isinstance(hardware.coupling, CpuInstruction), "only a tightly coupled array is fed by instructions"
        assert hardware.dram is not None, "behind the caches stands a DRAM"
        self._product, self._hardware, self._costs, self._dram = product, hardware, hardware.coupling, hardware.dram
        self._tile = instructions_of_tile(product.m, (product.activation_bytes, product.weight_bytes), hardware)

    def figures(self, tiles: int, live: int, weights: int) -> dict[str, int]:
        product, array, costs, tile = self._product, self._hardware.array, self._costs, self._tile
        word = costs.load_cycles + costs.custom_cycles + costs.loop_cycles
        add = costs.load_cycles + costs.add_cycles + costs.store_cycles
        busy = live * ((tile.weights + tile.streams) * word + tile.sums * add)
        masked = product.alive is not None
        columns = ceil(product.n / array.cols)
        places = ceil(product.k / array.rows)
        header = (1 + ceil(places / 32)) if masked else 0
        placed = place(product, self._hardware)
        lines = {
            "weight": (live * self._lines(tile.weights), placed.weights),
            "activation": (live * self._lines(tile.sums), placed.tokens),
            "output": (live * self._lines(tile.sums), placed.sums),
        }
        header_lines = columns * ceil(header * 4 / costs.line_bytes)
        miss = {"l1": 0, "l2": costs.l2_cycles, "dram": self._dram_line()}
        waits = sum(count * miss[level] for count, level in lines.values()) + header_lines * miss["dram"]
        look = columns * header * (costs.load_cycles + costs.loop_cycles) + (tiles * costs.test_cycles if masked else 0)
        size = costs.line_bytes
        read = sum(count for count, level in lines.values() if level == "dram") + header_lines
        written = lines["output"][0] * size if placed.sums == "dram" else 0
        if placed.outputs == "dram" and placed.sums != "dram":
            written = product.m * product.n * SUM_BYTES
        filled = {name: count * size if level != "l1" else 0 for name, (count, level) in lines.items()}
        advances = product.m + array.rows + array.cols - 2
        squares = array.rows * array.cols
        macs = product.m * product.k * product.n
        return {
            "cycles": busy + waits + look,
            "busy_cycles": busy,
            "stall_cycles": waits + look,
            "passes": live,
            "passes_skipped": tiles - live,
            "macs": macs,
            "macs_skipped": macs - product.m * weights,
            "activation_register_writes": live * advances * squares,
            "weight_register_writes": live * array.rows * squares,
            "sum_register_writes": live * advances * squares,
            "activation_sram_read_bytes": live * self._bytes(tile.streams),
            "activation_sram_write_bytes": filled["activation"],
            "weight_sram_read_bytes": live * self._bytes(tile.weights),
            "weight_sram_write_bytes": filled["weight"] + header_lines * size,
            "output_sram_read_bytes": live * self._bytes(tile.sums),
            "output_sram_write_bytes": live * self._bytes(tile.sums) + filled["output"],
            "dram_read_bytes": read * size,
            "dram_write_bytes": written,
            "mask_bits": tiles if masked else 0,
            "host_operations": live * (4 * (tile.weights + tile.streams) + 3 * tile.sums)
            + (columns * header * 3 + tiles * 3 if masked else 0),
            "bound_compute_cycles": -(-product.m * weights // squares),
            "bound_memory_cycles": -(-read * size * self._hardware.clock_khz // self._dram.kilobytes_per_s),
        }

    def _bytes(self, words: int) -> int:
        return -(-words * self._costs.word_bits // 8)

    def _lines(self, words: int) -> int:
        return -(-self._bytes(words) // self._costs.line_bytes)

    def _dram_line(self) -> int:
        stream = -(-self._costs.line_bytes * self._hardware.clock_khz // self._dram.kilobytes_per_s)
        return self._hardware.cycles_of_ns(self._dram.latency_ns) + stream
