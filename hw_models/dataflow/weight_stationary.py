"""Weight stationary: a tile of weights stays, tokens stream through it, sums move down."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt

from hw_models.dataflow.base import ROW_INDEX_BYTES, Pass, TileBits, Walk
from hw_models.dataflow.ports import cycles_per_row

if TYPE_CHECKING:
    from hw_models.hardware import Array, Hardware
    from hw_models.mapper import Step
    from hw_models.sparsity import Product


class WeightStationary:
    """R loads, M streams, D = R*L + C - 2.

    T passes: serial T(R+M+D), SCALE-Sim's fold law; wavefront T(R+M) + D; double_buffered
    R + (T-1)max(M,R) + M + D; double_buffered_global R + (T-1)max(M+D,R) + M + D (docs/timing.md).
    """

    name: ClassVar[str] = "weight_stationary"
    tile_bits: ClassVar[TileBits] = "none"

    def granule(self, array: Array) -> tuple[int, int]:
        """A whole tile."""
        return array.rows, array.cols

    def quanta(self, array: Array) -> tuple[int, int, int]:
        """Any number of tokens; whole tiles of weights."""
        return 1, array.rows, array.cols

    def walk(self, product: Product, step: Step, hardware: Hardware, touched: npt.NDArray[np.bool_]) -> Walk:
        """Columns of tiles outside, tiles along the reduction inside."""
        heights = _column_heights(product, step, hardware)
        live = [(column, place, height) for column, rows in enumerate(heights) for place, height in rows]
        tiles = len(heights) * ceil((step.k[1] - step.k[0]) / hardware.array.rows)
        bits = tiles if product.bitmap else 0
        rows, cols = (high - low for low, high in (step.k, step.n))
        indices = sum(height for _, _, height in live) if product.packed else 0
        tail = tiles - 1 - (live[-1][0] * tiles // len(heights) + live[-1][1]) if live else tiles
        return Walk(
            passes=_passes(live, tiles // len(heights), product, step, hardware, touched),
            count=len(live),
            skipped=tiles - len(live),
            trailing_cycles=ceil(tail / hardware.sparsity.scan_bits) if product.bitmap else 0,
            mask_bits=bits,
            about_bytes=ceil(bits / 8) + indices * ROW_INDEX_BYTES + product.selector_bytes(rows * cols),
        )


def _column_heights(product: Product, step: Step, hardware: Hardware) -> list[list[tuple[int, int]]]:
    """For each column of tiles, its live passes as (place along the reduction, rows used)."""
    rows, cols = hardware.array.rows, hardware.array.cols
    span = step.k[1] - step.k[0]
    full = [(place, min(rows, span - place * rows)) for place in range(ceil(span / rows))]
    columns = range(step.n[0] // cols, ceil(step.n[1] / cols))
    if product.alive is None:
        return [full for _ in columns]
    if product.packed:
        counts = product.alive[step.k[0] : step.k[1]].sum(axis=0)
        return [[(p, min(rows, int(counts[c]) - p * rows)) for p in range(ceil(counts[c] / rows))] for c in columns]
    alive = product.alive[step.k[0] // rows : ceil(step.k[1] / rows)].T.tolist()
    return [[tile for tile in full if alive[c][tile[0]]] for c in columns]


def _passes(
    live: list[tuple[int, int, int]],
    tiles_per_column: int,
    product: Product,
    step: Step,
    hardware: Hardware,
    touched: npt.NDArray[np.bool_],
) -> Iterator[Pass]:
    array = hardware.array
    tokens, places = step.m[1] - step.m[0], array.rows * array.cols
    widened = product.widened(array.rows)
    load_row = cycles_per_row(array.cols * product.weight_bytes * 8, "weight", hardware)
    stream_row = cycles_per_row(widened * product.activation_bytes * 8, "activation", hardware)
    seen = -1
    for column, place, rows in live:
        at = column * tiles_per_column + place
        search = ceil((at - seen) / hardware.sparsity.scan_bits) if product.bitmap else 0
        seen = at
        first, top = column * array.cols, step.k[0] + place * array.rows
        cols = min(array.cols, step.n[1] - step.n[0] - first)
        fresh = tokens * cols if not touched[first] else 0
        touched[first : first + cols] = True
        loaded = rows if array.ragged == "exact" else array.rows
        yield Pass(
            search_cycles=search,
            load_cycles=loaded * load_row,
            stream_cycles=tokens * stream_row,
            spacing_cycles=tokens * stream_row,
            macs=tokens * rows * cols,
            activation_sram_read_bytes=tokens * product.reach(top, top + rows) * product.activation_bytes,
            weight_sram_read_bytes=rows * cols * product.weight_bytes,
            sums=tokens * cols,
            fresh_sums=fresh,
            activation_register_writes=tokens * places,
            weight_register_writes=loaded * places,
            sum_register_writes=tokens * places * array.pe_stages,
        )
