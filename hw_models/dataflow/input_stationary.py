"""Input stationary: a tile of activations stays, weights stream through it, sums move down."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt

from hw_models.dataflow.base import Pass, TileBits, Walk
from hw_models.dataflow.ports import cycles_per_row

if TYPE_CHECKING:
    from hw_models.hardware import Array, Hardware
    from hw_models.mapper import Step
    from hw_models.sparsity import Product


class InputStationary:
    """R loads of activations (K x M tiles), N streams of weight columns, D = R*L + C - 2.

    The mirror of weight stationary: the same four laws with N in the place of M; serial is SCALE-Sim's 2R+C+N-2.
    """

    name: ClassVar[str] = "input_stationary"
    tile_bits: ClassVar[TileBits] = "row"

    def granule(self, array: Array) -> tuple[int, int]:
        """One step of the stream: a column of weights as tall as the array."""
        return array.rows, 1

    def quanta(self, array: Array) -> tuple[int, int, int]:
        """Whole tiles of activations; any length of stream."""
        return array.cols, array.rows, 1

    def walk(self, product: Product, step: Step, hardware: Hardware, touched: npt.NDArray[np.bool_]) -> Walk:
        """Tiles along the reduction outside, tokens inside, so that equal streams follow each other.

        The gate looks at a bit for each row of tiles to find the next live one, and at the bits of its columns while
        they stream: it must have seen them all before the stream can end.
        """
        array = hardware.array
        span, folds = step.n[1] - step.n[0], ceil((step.m[1] - step.m[0]) / array.cols)
        alive = np.ones((ceil((step.k[1] - step.k[0]) / array.rows), span), bool)
        if product.alive is not None:
            low = step.k[0] // array.rows
            alive = product.alive[low : low + alive.shape[0], step.n[0] : step.n[1]]
        lives = np.asarray(alive.any(axis=1))
        dead_behind = int(np.argmax(lives[::-1])) if lives.any() else len(lives)
        bits = len(lives) + int(lives.sum()) * folds * span if product.bitmap else 0
        return Walk(
            passes=_passes(alive, product, step, hardware, touched),
            count=folds * int(lives.sum()),
            skipped=folds * int((~lives).sum()),
            trailing_cycles=ceil(dead_behind / hardware.sparsity.scan_bits) if product.bitmap else 0,
            mask_bits=bits,
            about_bytes=ceil(bits / 8),
        )


def _passes(
    alive: npt.NDArray[np.bool_],
    product: Product,
    step: Step,
    hardware: Hardware,
    touched: npt.NDArray[np.bool_],
) -> Iterator[Pass]:
    array = hardware.array
    load_row = cycles_per_row(array.cols * product.activation_bytes * 8, "activation", hardware)
    stream_row = cycles_per_row(array.rows * product.weight_bytes * 8, "weight", hardware)
    places, looked_at = array.rows * array.cols, -1
    scan_bits = hardware.sparsity.scan_bits
    least = ceil((step.n[1] - step.n[0]) / scan_bits) if product.bitmap else 0
    for place in range(len(alive)):
        columns = alive[place]
        live, fresh = int(columns.sum()), int((columns & ~touched).sum())
        touched |= columns
        rows = min(array.rows, step.k[1] - step.k[0] - place * array.rows)
        loaded = rows if array.ragged == "exact" else array.rows
        if not live:
            continue
        search = ceil((place - looked_at) / scan_bits) if product.bitmap else 0
        looked_at = place
        for start in range(step.m[0], step.m[1], array.cols):
            tokens = min(array.cols, step.m[1] - start)
            stream = max(live * stream_row, least)
            yield Pass(
                search_cycles=search,
                load_cycles=loaded * load_row,
                stream_cycles=stream,
                spacing_cycles=stream,
                macs=tokens * rows * live,
                activation_sram_read_bytes=tokens * rows * product.activation_bytes,
                weight_sram_read_bytes=rows * live * product.weight_bytes,
                sums=tokens * live,
                fresh_sums=tokens * fresh,
                activation_register_writes=loaded * places,
                weight_register_writes=live * places,
                sum_register_writes=live * places * array.pe_stages,
            )
            search = 0
