"""What each step moves over the DRAM port: live weights and what is stored about them, activations that meet one, sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt

from hw_models.hardware import SUM_BYTES
from hw_models.mapper import Step
from hw_models.sparsity import ROW_INDEX_BYTES, Product


@dataclass(frozen=True, slots=True)
class Transfers:
    """Bytes of one step; 0: nothing is asked for."""

    activation_read: int
    weight_read: int
    output_write: int


def transfers(product: Product, steps: Sequence[Step]) -> list[Transfers]:
    """For every step what is not already in the buffers, and the finished output."""
    stays = _stays(steps)
    return [
        Transfers(
            _activation_bytes(product, step, stays[place]) if step.begins_stay else 0,
            _weight_bytes(product, step) if step.reads_weights else 0,
            (step.m[1] - step.m[0]) * (step.n[1] - step.n[0]) * product.activation_bytes if step.ends_output else 0,
        )
        for place, step in enumerate(steps)
    ]


def _stays(steps: Sequence[Step]) -> dict[int, tuple[int, int]]:
    """For each step that begins a stay of activations, the range of outputs n that it serves."""
    begins = [place for place, step in enumerate(steps) if step.begins_stay]
    ends = [*begins[1:], len(steps)]
    return {begin: (steps[begin].n[0], steps[end - 1].n[1]) for begin, end in zip(begins, ends, strict=True)}


def _activation_bytes(product: Product, step: Step, n: tuple[int, int]) -> int:
    """Of the slab, the columns that meet a live granule during its stay."""
    tokens = step.m[1] - step.m[0]
    if product.alive is None:
        return tokens * product.reach(*step.k) * product.activation_bytes
    lives = _granules(product, step.k, n).any(axis=1)
    return tokens * int(_extents(step.k, product.granule[0]) @ lives) * product.activation_bytes


def _weight_bytes(product: Product, step: Step) -> int:
    rows, cols = step.k[1] - step.k[0], step.n[1] - step.n[0]
    bias = cols * SUM_BYTES if product.bias and step.begins_output else 0
    if product.alive is None:
        select = (product.kept[1] - 1).bit_length() if product.kept != (1, 1) else 0
        return rows * cols * product.weight_bytes + ceil(rows * cols * select / 8) + bias
    alive = _granules(product, step.k, step.n)
    live = _extents(step.k, product.granule[0]) @ alive @ _extents(step.n, product.granule[1])
    about = ceil(alive.size / 8) if product.bitmap else ROW_INDEX_BYTES * int(alive.sum())
    return int(live) * product.weight_bytes + about + bias


def _granules(product: Product, k: tuple[int, int], n: tuple[int, int]) -> npt.NDArray[np.bool_]:
    assert product.alive is not None, "a dense product has no granules"
    rows, cols = product.granule
    return product.alive[k[0] // rows : ceil(k[1] / rows), n[0] // cols : ceil(n[1] / cols)]


def _extents(span: tuple[int, int], granule: int) -> npt.NDArray[np.int64]:
    starts = np.arange(*span, granule)
    return np.minimum(span[1] - starts, granule)
