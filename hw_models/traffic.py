"""What each step moves over the DRAM port: live weights and what is stored of them, activations they meet, outputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hw_models.dataflow import ROW_INDEX_BYTES
from hw_models.hardware import SUM_BYTES
from hw_models.mapper import Step
from hw_models.sparsity import Product


class Span(NamedTuple):
    """Consecutive bytes in DRAM."""

    address: int
    size_bytes: int


NOTHING = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Transfers:
    """What one step moves; `NOTHING` is not asked for."""

    activation_read: Span
    weight_read: Span
    output_write: Span

    @property
    def total_bytes(self) -> int:
        """All three."""
        return self.activation_read.size_bytes + self.weight_read.size_bytes + self.output_write.size_bytes


def transfers(product: Product, steps: Sequence[Step]) -> list[Transfers]:
    """For every step what is not already in the buffers, and the finished output.

    In DRAM lie the activations, then the weights, then the outputs, each slab by slab: a slab's bytes are consecutive.
    Activations and outputs stand where a dense product has them, row of slabs by row of slabs; of the weights only
    what lives is stored, column of slabs by column of slabs.
    """
    stays = _stays(steps)
    weights = _weight_spans(product, steps)
    outputs = weights[None].address + weights[None].size_bytes
    return [
        Transfers(
            _activation_span(product, step, stays[place]) if step.begins_stay else NOTHING,
            weights[step.k, step.n] if step.reads_weights else NOTHING,
            _output_span(product, step, outputs) if step.ends_output else NOTHING,
        )
        for place, step in enumerate(steps)
    ]


def _weight_spans(
    product: Product, steps: Sequence[Step]
) -> dict[tuple[tuple[int, int], tuple[int, int]] | None, Span]:
    """Where each slab (k range, n range) is stored; under None all of them."""
    start = address = product.m * product.full_k * product.activation_bytes
    spans: dict[tuple[tuple[int, int], tuple[int, int]] | None, Span] = {}
    for n, k, step in sorted(
        {(step.n, step.k): (step.n, step.k, step) for step in steps}.values(), key=lambda e: e[:2]
    ):
        size = _weight_bytes(product, step)
        spans[k, n] = Span(address, size)
        address += size
    spans[None] = Span(start, address - start)
    return spans


def _output_span(product: Product, step: Step, outputs: int) -> Span:
    tokens = step.m[1] - step.m[0]
    before = step.m[0] * product.n + tokens * step.n[0]
    size = tokens * (step.n[1] - step.n[0]) * product.activation_bytes
    return Span(outputs + before * product.activation_bytes, size)


def _stays(steps: Sequence[Step]) -> dict[int, tuple[int, int]]:
    """For each step that begins a stay of activations, the range of outputs n that it serves."""
    begins = [place for place, step in enumerate(steps) if step.begins_stay]
    ends = [*begins[1:], len(steps)]
    return {begin: (steps[begin].n[0], steps[end - 1].n[1]) for begin, end in zip(begins, ends, strict=True)}


def _activation_span(product: Product, step: Step, n: tuple[int, int]) -> Span:
    """Of the slab, the columns that meet a live granule during its stay."""
    tokens = step.m[1] - step.m[0]
    columns = product.reach(*step.k)
    if product.alive is not None:
        lives = _granules(product, step.k, n).any(axis=1)
        columns = int(_extents(step.k, product.granule[0]) @ lives)
    before = step.m[0] * product.full_k + tokens * product.reach(0, step.k[0])
    return Span(before * product.activation_bytes, tokens * columns * product.activation_bytes)


def _weight_bytes(product: Product, step: Step) -> int:
    rows, cols = step.k[1] - step.k[0], step.n[1] - step.n[0]
    bias = cols * SUM_BYTES if product.bias and step.k[0] == 0 else 0
    if product.alive is None:
        return rows * cols * product.weight_bytes + product.selector_bytes(rows * cols) + bias
    alive = _granules(product, step.k, step.n)
    live = _extents(step.k, product.granule[0]) @ alive @ _extents(step.n, product.granule[1])
    about = ceil(product.bits(alive) / 8) if product.bitmap else ROW_INDEX_BYTES * int(alive.sum())
    return int(live) * product.weight_bytes + about + bias


def _granules(product: Product, k: tuple[int, int], n: tuple[int, int]) -> npt.NDArray[np.bool_]:
    assert product.alive is not None, "a dense product has no granules"
    rows, cols = product.granule
    return product.alive[k[0] // rows : ceil(k[1] / rows), n[0] // cols : ceil(n[1] / cols)]


def _extents(span: tuple[int, int], granule: int) -> npt.NDArray[np.int64]:
    starts = np.arange(*span, granule)
    return np.minimum(span[1] - starts, granule)
