"""The core of a tightly coupled array: it feeds words to the array by instructions, and adds up what comes back.

After the released code of SASP (gem5-X/TiC-SAT): weights stand tile by tile, a column of tiles at a time, each column
behind a word with its length and a bitmap of its live tiles (format INTERLEAVED; a program without a mask has
neither). The array advances only when the core streams a row into it, and is drained behind every tile.
"""

from __future__ import annotations

from math import ceil

from simpy import Environment
from simpy.events import ProcessGenerator

from hw_models.hardware import SUM_BYTES, CpuInstruction, Hardware
from hw_models.placement import Level, place
from hw_models.sparsity import Product
from hw_models.units.meter import Meter

BITMAP_WORD_BITS = 32
WORD_INSTRUCTIONS = 4  # load, custom, index, branch
SUM_INSTRUCTIONS = 3  # load, add, store
TEST_INSTRUCTIONS = 3  # shift, test, branch


class Core:
    """One product, column of tiles by column of tiles, tile by tile."""

    def __init__(self, env: Environment, product: Product, hardware: Hardware, meter: Meter) -> None:
        assert isinstance(hardware.coupling, CpuInstruction), "only a tightly coupled array has a core that feeds it"
        assert hardware.dram is not None, "behind the caches stands a DRAM"
        self._env, self._product, self._array, self._meter = env, product, hardware.array, meter
        self._costs, self._placed = hardware.coupling, place(product, hardware)
        word_bytes = hardware.coupling.word_bits / 8
        self._word_bytes = word_bytes
        self._weight_row_words = ceil(self._array.cols * product.weight_bytes / word_bytes)
        self._row_words = ceil(max(self._array.rows, self._array.cols) * product.activation_bytes / word_bytes)
        line_stream = -(-self._costs.line_bytes * hardware.clock_khz // hardware.dram.kilobytes_per_s)
        self._line_cycles: dict[Level, int] = {
            "l1": 0,
            "l2": self._costs.l2_cycles,
            "dram": hardware.cycles_of_ns(hardware.dram.latency_ns) + line_stream,
        }

    def run(self) -> ProcessGenerator:
        """With a mask the core walks each column's bitmap and leaves dead tiles alone."""
        product, array = self._product, self._array
        places = ceil(product.k / array.rows)
        for column in range(ceil(product.n / array.cols)):
            if product.alive is not None:
                yield from self._header(places)
            for place_ in range(places):
                if product.alive is not None:
                    yield from self._work("core", "test a bit", self._costs.test_cycles, TEST_INSTRUCTIONS)
                if product.alive is None or product.alive[place_, column]:
                    yield from self._tile(place_, column)
                else:
                    self._meter.add("passes_skipped", 1)
        if self._placed.outputs == "dram" and self._placed.sums != "dram":
            self._meter.add("dram_write_bytes", product.m * product.n * SUM_BYTES)

    def _header(self, places: int) -> ProcessGenerator:
        words = 1 + ceil(places / BITMAP_WORD_BITS)
        yield from self._fetch("weight", words * BITMAP_WORD_BITS // 8, "dram")
        cycles = words * (self._costs.load_cycles + self._costs.loop_cycles)
        yield from self._work("core", "read a bitmap", cycles, words * (WORD_INSTRUCTIONS - 1))
        self._meter.add("mask_bits", places)

    def _tile(self, place_: int, column: int) -> ProcessGenerator:
        """Weights row by row; then tokens row by row until the last sum is out, each valid one added in memory."""
        product, array, costs = self._product, self._array, self._costs
        word_cycles = costs.load_cycles + costs.custom_cycles + costs.loop_cycles
        weights = array.rows * self._weight_row_words
        yield from self._fetch("weight", ceil(weights * self._word_bytes), self._placed.weights)
        yield from self._work("array", "load", weights * word_cycles, weights * WORD_INSTRUCTIONS)
        yield from self._fetch("activation", ceil(product.m * self._row_words * self._word_bytes), self._placed.tokens)
        advances = product.m + array.rows + array.cols - 2
        words = advances * self._row_words + self._row_words - 1  # the last row is queued, but not streamed
        sums = product.m * self._row_words
        yield from self._add_up(sums)
        cycles = words * word_cycles + sums * (costs.load_cycles + costs.add_cycles + costs.store_cycles)
        yield from self._work("array", "stream", cycles, words * WORD_INSTRUCTIONS + sums * SUM_INSTRUCTIONS)
        rows = min(array.rows, product.k - place_ * array.rows)
        cols = min(array.cols, product.n - column * array.cols)
        self._count(weights, words, sums, advances, product.m * rows * cols)

    def _work(self, unit: str, name: str, cycles: int, instructions: int) -> ProcessGenerator:
        start = self._env.now
        if cycles:
            yield self._env.timeout(cycles)
        self._meter.span(unit, name, start, self._env.now)
        self._meter.add("host_operations", instructions)
        if unit == "array":
            self._meter.add("busy_cycles", cycles)

    def _fetch(self, operand: str, size_bytes: int, level: Level) -> ProcessGenerator:
        """The lines that are not in the first level; the core waits for each."""
        lines = ceil(size_bytes / self._costs.line_bytes)
        start = self._env.now
        if lines * self._line_cycles[level]:
            yield self._env.timeout(lines * self._line_cycles[level])
        self._meter.span("caches", operand, start, self._env.now)
        if level != "l1":
            self._meter.add(f"{operand}_sram_write_bytes", lines * self._costs.line_bytes)
        if level == "dram":
            self._meter.add("dram_read_bytes", lines * self._costs.line_bytes)

    def _add_up(self, sums: int) -> ProcessGenerator:
        """Lines of sums that the first level does not hold between two tiles; written behind the core's back."""
        lines = ceil(sums * self._word_bytes / self._costs.line_bytes)
        yield from self._fetch("output", ceil(sums * self._word_bytes), self._placed.sums)
        if self._placed.sums == "dram":
            self._meter.add("dram_write_bytes", lines * self._costs.line_bytes)

    def _count(self, weights: int, words: int, sums: int, advances: int, macs: int) -> None:
        array, add = self._array, self._meter.add
        places = array.rows * array.cols
        add("passes", 1)
        add("macs", macs)
        add("weight_sram_read_bytes", ceil(weights * self._word_bytes))
        add("activation_sram_read_bytes", ceil(words * self._word_bytes))
        add("output_sram_read_bytes", ceil(sums * self._word_bytes))
        add("output_sram_write_bytes", ceil(sums * self._word_bytes))
        add("weight_register_writes", array.rows * places)
        add("activation_register_writes", advances * places)
        add("sum_register_writes", advances * places)
