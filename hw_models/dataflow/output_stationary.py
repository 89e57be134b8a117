"""Output stationary: a tile of sums stays, tokens enter from the left and weights from the top."""

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


class OutputStationary:
    """K streams, D = R + C - 2 + (L - 1); nothing is loaded.

    The sums of a column finish one a cycle, each in the cycle behind that of the row above, and leave over a bus
    that takes one sum a column and cycle: so a pass needs no drain of its own, but a stream can not follow the one
    before in fewer than R cycles. T passes: serial T(K+D), SCALE-Sim's fold law R+C+K-2 (version 3; the drain of R
    cycles in the ISPASS 2020 paper is not in its code); double_buffered (T-1)max(K,R) + K + D.
    """

    name: ClassVar[str] = "output_stationary"
    tile_bits: ClassVar[TileBits] = "column"

    def granule(self, array: Array) -> tuple[int, int]:
        """One step of the stream: a row of weights as wide as the array."""
        return 1, array.cols

    def quanta(self, array: Array) -> tuple[int, int, int]:
        """Whole tiles of sums; any length of stream."""
        return array.rows, 1, array.cols

    def walk(self, product: Product, step: Step, hardware: Hardware, touched: npt.NDArray[np.bool_]) -> Walk:
        """Columns of outputs outside, rows of outputs inside.

        The gate looks at a bit for each column of tiles to find the next live one, and at the bits of its rows while
        they stream: it must have seen them all before the stream can end.
        """
        array = hardware.array
        span, rows = step.k[1] - step.k[0], ceil((step.m[1] - step.m[0]) / array.rows)
        columns = range(step.n[0] // array.cols, ceil(step.n[1] / array.cols))
        steps = [span] * len(columns)
        if product.alive is not None:
            steps = product.alive[step.k[0] : step.k[1], columns.start : columns.stop].sum(axis=0).tolist()
        live = len(steps) - steps.count(0)
        dead_behind = next((place for place, count in enumerate(reversed(steps)) if count), len(steps))
        bits = len(steps) + live * rows * span if product.bitmap else 0
        selectors = rows * product.selector_bytes(span * (step.n[1] - step.n[0]))
        return Walk(
            passes=_passes(steps, product, step, hardware, touched),
            count=rows * live,
            skipped=rows * steps.count(0),
            trailing_cycles=ceil(dead_behind / hardware.sparsity.scan_bits) if product.bitmap else 0,
            mask_bits=bits,
            about_bytes=ceil(bits / 8) + selectors,
        )


def _passes(
    steps: list[int], product: Product, step: Step, hardware: Hardware, touched: npt.NDArray[np.bool_]
) -> Iterator[Pass]:
    array = hardware.array
    a_bits, w_bits = product.activation_bytes * 8, product.weight_bytes * 8
    row = max(
        cycles_per_row(product.widened(array.rows) * a_bits, "activation", hardware),
        cycles_per_row(array.cols * w_bits, "weight", hardware),
    )
    places, looked_at = array.rows * array.cols, -1
    scan_bits = hardware.sparsity.scan_bits
    least = ceil((step.k[1] - step.k[0]) / scan_bits) if product.bitmap else 0
    for column, live in enumerate(steps):
        first = column * array.cols
        cols = min(array.cols, step.n[1] - step.n[0] - first)
        inputs = product.reach(*step.k) if product.alive is None else live
        fresh = not touched[first]
        touched[first : first + cols] |= live > 0
        if not live:
            continue
        search = ceil((column - looked_at) / scan_bits) if product.bitmap else 0
        looked_at = column
        for start in range(step.m[0], step.m[1], array.rows):
            tokens = min(array.rows, step.m[1] - start)
            stream = max(live * row, least)
            yield Pass(
                search_cycles=search,
                load_cycles=0,
                stream_cycles=stream,
                spacing_cycles=max(stream, array.rows) if array.overlap == "double_buffered" else stream,
                macs=tokens * live * cols,
                activation_sram_read_bytes=tokens * inputs * product.activation_bytes,
                weight_sram_read_bytes=live * cols * product.weight_bytes,
                sums=tokens * cols,
                fresh_sums=tokens * cols if fresh else 0,
                activation_register_writes=live * places,
                weight_register_writes=live * places,
                sum_register_writes=live * places,
            )
            search = 0
