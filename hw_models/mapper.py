"""Where to cut a product so that its slabs fit half of each buffer and the fewest bytes cross the DRAM port."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import Literal

import numpy as np
import numpy.typing as npt

from hw_models.dataflow import ROW_INDEX_BYTES, TileBits, dataflow_of
from hw_models.hardware import FORMAT_BYTES, SUM_BYTES, Hardware
from hw_models.sparsity import Product

Order = Literal["m_outer", "n_outer"]
Ints = npt.NDArray[np.int64]

BUSY_MARGIN = 1.1
"""Mappings that keep the array more than this times as busy as the best are left out: short streams waste loads."""
MANY_SLABS = 64
"""Up to so many slabs of a side every number is tried; beyond, a few per cent of traffic are given away for speed."""
REQUEST_BYTES = 1024
"""What one more step weighs against bytes that nothing hides (first slabs, last output), among equal traffic."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """Sizes of the slabs in elements, and which loop is outside; the reduction is always innermost.

    With the reduction innermost an output slab is finished before the next is begun, so partial sums never leave
    the chip.
    """

    m: int
    k: int
    n: int
    order: Order


@dataclass(frozen=True, slots=True)
class Step:
    """One slab of work: half-open ranges of m, k, n, and what must be moved for it."""

    m: tuple[int, int]
    k: tuple[int, int]
    n: tuple[int, int]
    begins_stay: bool
    """A new slab of activations: its stay lasts until the next step that begins one."""
    reads_weights: bool
    begins_output: bool
    ends_output: bool


def steps(product: Product, mapping: Mapping) -> Iterator[Step]:
    """Every step, in order."""
    rows, inner, cols = (
        _ranges(size, slab)
        for size, slab in zip((product.m, product.k, product.n), (mapping.m, mapping.k, mapping.n), strict=True)
    )
    outputs = (
        ((m, n) for m in rows for n in cols) if mapping.order == "m_outer" else ((m, n) for n in cols for m in rows)
    )
    activations, weights = None, None
    for m, n in outputs:
        for k in inner:
            yield Step(m, k, n, (m, k) != activations, (k, n) != weights, k is inner[0], k is inner[-1])
            activations, weights = (m, k), (k, n)


def _ranges(size: int, slab: int) -> list[tuple[int, int]]:
    return [(start, min(start + slab, size)) for start in range(0, size, slab)]


def map_product(product: Product, hardware: Hardware) -> Mapping:
    """The mapping of a product, chosen from its dense shape alone: a mask never moves a slab's edge.

    Among the mappings whose slabs fit half of each buffer and that keep the array busy at most `BUSY_MARGIN` times
    as long as the best, the one that moves the fewest bytes (weights dense); among equals the one with the least
    that nothing hides.
    """
    if hardware.dram is None or hardware.buffers is None:
        return Mapping(product.m, product.k, product.n, "n_outer")
    key = (product.m, product.k, product.n, product.formats, product.kept, product.bias)
    return _search(_Shape(*key, hardware.sparsity.kind), _Machine.of(hardware))


@dataclass(frozen=True, slots=True)
class _Shape:
    m: int
    k: int
    n: int
    formats: tuple[str, str]
    kept: tuple[int, int]
    bias: bool
    sparsity: str


@dataclass(frozen=True, slots=True)
class _Machine:
    """What of a machine the mapper looks at: never its bandwidth, so a faster DRAM never meets another mapping."""

    name: str
    rows: int
    cols: int
    dataflow: str
    overlap: str
    quanta: tuple[int, int, int]
    granule: tuple[int, int]
    tile_bits: TileBits
    depth_cycles: int
    half_bytes: tuple[int, int, int]

    @classmethod
    def of(cls, hardware: Hardware) -> _Machine:
        array, buffers = hardware.array, hardware.buffers
        assert buffers is not None, "a machine without buffers needs no mapping"
        dataflow = dataflow_of(array.dataflow)
        halves = (buffers.activation.half_bytes, buffers.weight.half_bytes, buffers.output.half_bytes)
        return cls(
            hardware.name, array.rows, array.cols, array.dataflow, array.overlap,
            dataflow.quanta(array), dataflow.granule(array), dataflow.tile_bits, array.depth_cycles, halves,
        )  # fmt: skip


@lru_cache(maxsize=4096)
def _search(shape: _Shape, machine: _Machine) -> Mapping:
    """All pairs of (k, n) cuts at once; for each the longest m that fits, in both orders."""
    k, n = (grid.ravel() for grid in np.meshgrid(*_cuts(shape, machine), indexing="ij"))
    activation = FORMAT_BYTES[shape.formats[0]] * -(-k * shape.kept[1] // shape.kept[0])  # bytes for each row of m
    half_a, half_w, half_o = machine.half_bytes
    longest = np.minimum(half_a // activation, half_o // (n * SUM_BYTES))
    fits = (_weight_slab_bytes(k, n, shape, machine) <= half_w) & (longest >= min(shape.m, machine.quanta[0]))
    if not fits.any():
        raise ValueError(_too_small(shape, machine))
    k, n, longest = k[fits], n[fits], longest[fits]
    m = _even(shape.m, np.minimum(longest, shape.m), machine.quanta[0])
    return _best(m, k, n, shape, machine)


def _cuts(shape: _Shape, machine: _Machine) -> tuple[Ints, Ints]:
    """Sizes worth trying for k and n."""
    _, quantum_k, quantum_n = machine.quanta
    quantum_k = np.lcm(quantum_k, shape.kept[0])
    return _equal_slabs(shape.k, int(quantum_k)), _equal_slabs(shape.n, quantum_n)


def _equal_slabs(size: int, quantum: int) -> Ints:
    """Of one side cut into 1, 2, ... `MANY_SLABS` slabs, and into about an eighth more each time from there on."""
    tiles = -(-size // quantum)
    counts = list(range(1, min(tiles, MANY_SLABS) + 1))
    while counts[-1] < tiles:
        counts.append(min(tiles, counts[-1] + counts[-1] // 8))
    return np.minimum(np.unique(_up(tiles, np.array(counts))) * quantum, size)


def _even(size: int, longest: Ints, quantum: int) -> Ints:
    """Slabs of one size rather than long ones and a stump."""
    floor = np.where(longest >= size, size, np.maximum(longest // quantum * quantum, min(size, quantum)))
    even = _up(size, _up(size, floor))
    slab: Ints = np.minimum(_up(even, quantum) * quantum, size)
    return slab


def _up(size: Ints | int, part: Ints | int) -> Ints:
    """Divided, rounded up."""
    return np.asarray(-(-np.asarray(size) // part))


def _weight_slab_bytes(k: Ints, n: Ints, shape: _Shape, machine: _Machine) -> Ints:
    """A dense slab with its bias and whatever the machine would store about a mask."""
    rows, columns = _up(k, machine.granule[0]), _up(n, machine.granule[1])
    bits = rows * columns + {"none": 0 * k, "column": columns, "row": rows}[machine.tile_bits]
    about = {
        "none": 0 * k,
        "tile_skip": _up(bits, 8),
        "row_skip": ROW_INDEX_BYTES * k * -(-n // machine.cols),
        "n_m": -(-k * n * (shape.kept[1] - 1).bit_length() // 8),
    }[shape.sparsity]
    return k * n * FORMAT_BYTES[shape.formats[1]] + about + shape.bias * n * SUM_BYTES


def _best(m: Ints, k: Ints, n: Ints, shape: _Shape, machine: _Machine) -> Mapping:
    """Traffic first, then what nothing hides; `_busy` only bars the worst."""
    activation, weight = FORMAT_BYTES[shape.formats[0]], FORMAT_BYTES[shape.formats[1]]
    m_slabs, k_slabs, n_slabs = -(-shape.m // m), -(-shape.k // k), -(-shape.n // n)
    whole_a = shape.m * -(-shape.k * shape.kept[1] // shape.kept[0]) * activation
    whole_w = shape.k * shape.n * weight
    busy = _busy(m, k, n, shape, machine)
    allowed = busy <= BUSY_MARGIN * busy.min()
    unhidden = m * k * activation + k * n * weight + m * n * activation + m_slabs * k_slabs * n_slabs * REQUEST_BYTES
    one_k = k_slabs == 1
    traffic: dict[Order, Ints] = {
        "n_outer": whole_a * np.where(one_k & (m_slabs == 1), 1, n_slabs) + whole_w * np.where(one_k, 1, m_slabs),
        "m_outer": whole_a * np.where(one_k, 1, n_slabs) + whole_w * np.where(one_k & (n_slabs == 1), 1, m_slabs),
    }
    ranked: list[tuple[int, int, Mapping]] = []
    for order, moved in traffic.items():
        keys = np.lexsort((unhidden, moved, ~allowed))  # allowed ones first, then by traffic, then by what is unhidden
        at = int(keys[0])
        ranked.append((int(moved[at]), int(unhidden[at]), Mapping(int(m[at]), int(k[at]), int(n[at]), order)))
    return min(ranked, key=lambda entry: entry[:2])[2]


def _busy(m: Ints, k: Ints, n: Ints, shape: _Shape, machine: _Machine) -> npt.NDArray[np.float64]:
    """Cycles of the array without memory, near enough to tell long streams from short ones."""
    sides = {
        "weight_stationary": (shape.k / machine.rows, shape.n / machine.cols, m, shape.m),
        "input_stationary": (shape.k / machine.rows, shape.m / machine.cols, n, shape.n),
        "output_stationary": (shape.m / machine.rows, shape.n / machine.cols, k, shape.k),
    }
    folds_a, folds_b, stream, whole = sides.get(machine.dataflow, sides["weight_stationary"])
    hidden = machine.overlap.startswith("double_buffered")
    each = np.maximum(stream, machine.rows) if hidden else stream + machine.rows + machine.depth_cycles
    return np.asarray(float(ceil(folds_a) * ceil(folds_b)) * _up(whole, stream) * each, np.float64)


def _too_small(shape: _Shape, machine: _Machine) -> str:
    m, k, n = (min(size, quantum) for size, quantum in zip((shape.m, shape.k, shape.n), machine.quanta, strict=True))
    sides = np.array([k]), np.array([n])
    need = (
        m * k * FORMAT_BYTES[shape.formats[0]],
        int(_weight_slab_bytes(*sides, shape, machine)[0]),
        m * n * SUM_BYTES,
    )
    parts = zip(("activation", "weight", "output"), need, machine.half_bytes, strict=True)
    short = [
        f"half of buffers.{name} is {has} bytes, one tile needs {wants}" for name, wants, has in parts if wants > has
    ]
    return f"hardware {machine.name}: {shape.m}x{shape.k}x{shape.n}: " + "; ".join(short)
