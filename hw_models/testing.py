"""Random machines, products and masks for Hypothesis: what a new dataflow, unit or engine is tested with."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
from hypothesis import strategies as st

from hw_models.hardware import Hardware
from hw_models.program import Gemm, TileMask

Draw = Any  # hypothesis calls it DrawFn and does not export it

WEIGHT, OUTPUT, INPUT = "weight_stationary", "output_stationary", "input_stationary"
OVERLAPS = {
    WEIGHT: ("serial", "wavefront", "double_buffered", "double_buffered_global"),
    OUTPUT: ("serial", "double_buffered"),
    INPUT: ("serial", "wavefront", "double_buffered", "double_buffered_global"),
}
SPARSITY = {
    WEIGHT: ("tile_skip", "tile_skip", "row_skip", "n_m", "none"),
    OUTPUT: ("tile_skip", "tile_skip", "n_m", "none"),
    INPUT: ("tile_skip", "tile_skip", "none"),
}


@st.composite
def machines(draw: Draw, *, memory: bool = True, banks: bool = True, arrays: int = 1) -> Hardware:
    """A small machine of any dataflow; `memory`: with a DRAM or not, else never; `banks`: some DRAMs have them."""
    dataflow = draw(st.sampled_from(sorted(OVERLAPS)))
    size = st.integers(1, 8)
    fields: dict[str, Any] = {
        "name": "random",
        "clock_mhz": draw(st.sampled_from([150.0, 333.3, 500.0])),
        "arrays": draw(st.integers(1, arrays)),
        "array": {
            "rows": draw(size),
            "cols": draw(size),
            "dataflow": dataflow,
            "overlap": draw(st.sampled_from(OVERLAPS[dataflow])),
            "activation_format": draw(st.sampled_from(["int8", "fp16", "fp32"])),
            "weight_format": draw(st.sampled_from(["int8", "fp32"])),
            "pe_stages": draw(st.sampled_from([1, 1, 3])),
            "ragged": draw(st.sampled_from(["full", "exact"])),
            "port_bits": draw(st.sampled_from([None, None, 16, 32])),
            "sram_read_cycles": draw(st.integers(0, 2)),
            "accumulate_cycles": draw(st.integers(0, 2)),
        },
        "sparsity": {
            "kind": draw(st.sampled_from(SPARSITY[dataflow])),
            "scan_bits": draw(st.sampled_from([1, 2, 5, 64])),
        },
        "host": {"kind": draw(st.sampled_from(["scalar", "simd", "vector_unit"]))},
    }
    if memory and draw(st.integers(0, 4)):
        fields |= {"buffers": draw(_buffers()), "dram": draw(_drams(banks))}
    return Hardware.model_validate(fields)


@st.composite
def _buffers(draw: Draw) -> dict[str, Any]:
    kib = st.sampled_from([1.0, 2.0, 8.0])
    width = draw(st.sampled_from([None, None, 8, 64]))
    return {
        "activation": {"size_kib": draw(kib), "width_bits": width, "banks": draw(st.sampled_from([1, 2, 4]))},
        "weight": {"size_kib": draw(kib)},
        "output": {"size_kib": draw(kib)},
    }


@st.composite
def _drams(draw: Draw, banks: bool) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "bandwidth_gb_s": draw(st.sampled_from([0.1, 0.5, 2.0, 9.7, 100.0])),
        "latency_ns": draw(st.sampled_from([0.0, 3.0, 100.0])),
    }
    if banks and not draw(st.integers(0, 2)):
        burst = draw(st.sampled_from([4, 16, 64]))
        fields["banks"] = {
            "channels": draw(st.integers(1, 3)),
            "banks": draw(st.sampled_from([1, 2, 8])),
            "row_bytes": burst * draw(st.sampled_from([1, 4, 32])),
            "burst_bytes": burst,
            "activate_ns": draw(st.sampled_from([5.0, 20.0, 100.0])),
            "precharge_ns": draw(st.sampled_from([5.0, 20.0])),
            "column_ns": 14.0,
            "refresh_interval_ns": draw(st.sampled_from([200.0, 1000.0, 7800.0])),
            "refresh_ns": draw(st.sampled_from([50.0, 180.0])),
        }
    return fields


@st.composite
def tight_machines(draw: Draw) -> Hardware:
    """A core that feeds an array."""
    side = draw(st.sampled_from([4, 8]))
    weights = draw(st.sampled_from(["fp32", "int8"]))
    changes = {
        "array.cols": draw(st.sampled_from([4, 6, 8])),
        "coupling.word_bits": draw(st.sampled_from([16, 32, 64])),
        "coupling.l1_kib": draw(st.sampled_from([0.1, 1.0, 32.0])),
        "coupling.l2_kib": draw(st.sampled_from([0.2, 4.0, 1024.0])),
    }
    return Hardware.load(f"sasp{side}-{weights}").with_(**changes)


@st.composite
def masks(draw: Draw, k: int, n: int, tiles: tuple[tuple[int, int], ...]) -> TileMask:
    """Of any density, whole columns and rows of tiles dead among them."""
    tile = draw(st.sampled_from(tiles))
    shape = (ceil(k / tile[0]), ceil(n / tile[1]))
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    alive = chance.random(shape) < draw(st.sampled_from([0.0, 0.05, 0.3, 0.7, 1.0]))
    if draw(st.booleans()):
        alive[:, chance.random(shape[1]) < 0.5] = False
    if draw(st.booleans()):
        alive[chance.random(shape[0]) < 0.5] = False
    return TileMask(alive, tile, (k, n))


@st.composite
def gemms(draw: Draw, hardware: Hardware, *, masked: bool | None = None, largest: int = 40) -> Gemm:
    """A product of ragged sizes; `masked`: with a mask, without, or (None) either."""
    m, k, n = (draw(st.integers(1, largest)) for _ in range(3))
    mask = None
    if masked or (masked is None and draw(st.booleans())):
        array = hardware.array
        tiles = ((array.rows, array.cols), (1, 1), (array.rows, 1), (1, array.cols), (4, 2), (4, 1), (3, 5), (8, 8))
        mask = draw(masks(k, n, tiles))
    return Gemm(
        "product", m, k, n, mask, repeat=draw(st.integers(1, 3)), bias=draw(st.booleans()),
        stationary_known=draw(st.booleans()),
    )  # fmt: skip
