"""What the fast engine knows of a product before any mask: slabs, folds, and what one pass of each dataflow takes.

Its own arithmetic throughout: of the event engine's it shares the mapping, which is no timing, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from hw_models.engine.fast.recurrence import BANKS, INTERVAL
from hw_models.hardware import Hardware
from hw_models.mapper import Mapping, map_product
from hw_models.sparsity import Product


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a product, cut into equal slabs of which the last may be short."""

    size: int
    slab: int

    @property
    def count(self) -> int:
        """Slabs."""
        return ceil(self.size / self.slab)

    @property
    def last(self) -> int:
        """Elements of the last."""
        return self.size - (self.count - 1) * self.slab

    def of(self, place: int) -> int:
        """Elements of one."""
        return self.slab if place < self.count - 1 else self.last

    def sizes(self) -> list[tuple[int, int]]:
        """(elements, how many such slabs)."""
        return [(self.slab, self.count - 1), (self.last, 1)][self.count == 1 :]


@dataclass(frozen=True, slots=True)
class Survey:
    """A product on a machine."""

    product: Product
    hardware: Hardware
    mapping: Mapping
    m: Side
    k: Side
    n: Side
    load_row: int
    """Cycles of one row of what is loaded."""
    stream_row: int
    """Cycles of one row of what streams."""

    @classmethod
    def of(cls, product: Product, hardware: Hardware) -> Survey:
        """Map the product and measure the ports."""
        mapping = map_product(product, hardware)
        sides = (Side(product.m, mapping.m), Side(product.k, mapping.k), Side(product.n, mapping.n))
        return cls(product, hardware, mapping, *sides, *_row_cycles(product, hardware))

    @property
    def banked(self) -> bool:
        """Whether the DRAM remembers rows."""
        return self.hardware.dram is not None and self.hardware.dram.banks is not None

    @property
    def one_k(self) -> bool:
        """Whether the reduction is not cut."""
        return self.k.count == 1

    @property
    def activations_stay(self) -> bool:
        """Whether a slab of activations serves all outputs before it is replaced."""
        return self.one_k and (self.mapping.order == "m_outer" or self.m.count == 1)

    @property
    def weights_stay(self) -> bool:
        """Whether a slab of weights serves all tokens before it is replaced."""
        return self.one_k and (self.mapping.order == "n_outer" or self.n.count == 1)

    @property
    def outer(self) -> Side:
        """The outer loop's side."""
        return self.m if self.mapping.order == "m_outer" else self.n

    @property
    def inner(self) -> Side:
        """The inner loop's side (around the reduction)."""
        return self.n if self.mapping.order == "m_outer" else self.m

    def reach(self, k: int) -> int:
        """Activations of one token behind a slab of the reduction."""
        start = k * self.k.slab
        return self.product.reach(start, start + self.k.of(k))

    def folds(self, m: int) -> tuple[int, int]:
        """(passes over the same weights, tokens of one) in a slab of so many tokens."""
        array = self.hardware.array
        if array.dataflow == "weight_stationary":
            return 1, m
        return -(-m // (array.rows if array.dataflow == "output_stationary" else array.cols)), 1

    def rules(self) -> list[int]:
        """What the recurrence needs to know of the machine (`recurrence.RULES`)."""
        array = self.hardware.array
        settles = array.overlap in ("serial", "double_buffered_global")
        column_bus = array.dataflow == "output_stationary" and array.overlap == "double_buffered"
        return [
            int(array.overlap.startswith("double_buffered")),
            array.depth_cycles if settles else 0,
            array.depth_cycles + array.sram_read_cycles + array.accumulate_cycles,
            array.rows if column_bus else 0,
            int(self.product.bitmap),
            *_memory_rules(self.hardware),
        ]

    def memory(self) -> list[int]:
        """What a DRAM with banks remembers at first: nothing open, the first refresh an interval away."""
        return [0, self.rules()[INTERVAL], 0, 0, 0] + [0] * self.rules()[BANKS]


def _memory_rules(hardware: Hardware) -> list[int]:
    """From `LATENCY` on."""
    dram, cycles = hardware.dram, hardware.cycles_of_ns
    if dram is None:
        return [0, 1, 1] + [0] * 7
    rules = [cycles(dram.latency_ns), hardware.clock_khz, dram.kilobytes_per_s]
    if dram.banks is None:
        return rules + [0] * 7
    banks = dram.banks
    rules[0] = cycles(dram.latency_ns + banks.column_ns)
    return [
        *rules, banks.banks, banks.channels * banks.row_bytes, banks.channels * banks.burst_bytes,
        cycles(banks.activate_ns), cycles(banks.precharge_ns),
        cycles(banks.refresh_interval_ns), cycles(banks.refresh_ns),
    ]  # fmt: skip


def _row_cycles(product: Product, hardware: Hardware) -> tuple[int, int]:
    """(load, stream) cycles of a row, as the ports and the buffers' banks allow."""
    array, buffers = hardware.array, hardware.buffers
    activation = buffers.activation.bits_per_cycle if buffers else None
    weight = buffers.weight.bits_per_cycle if buffers else None
    wide = product.widened(array.rows)
    a_bits, w_bits = 8 * product.activation_bytes, 8 * product.weight_bytes

    def cycles(bits: int, banks: int | None) -> int:
        return max(1, -(-bits // (array.port_bits or bits)), -(-bits // (banks or bits)))

    if array.dataflow == "weight_stationary":
        return cycles(array.cols * w_bits, weight), cycles(wide * a_bits, activation)
    if array.dataflow == "input_stationary":
        return cycles(array.cols * a_bits, activation), cycles(array.rows * w_bits, weight)
    return 0, max(cycles(wide * a_bits, activation), cycles(array.cols * w_bits, weight))
