"""How several arrays divide a product: each takes neighbouring columns of the output, whole tiles of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import ceil

from hw_models.dataflow import dataflow_of
from hw_models.hardware import Hardware
from hw_models.sparsity import Product


def shares(product: Product, hardware: Hardware) -> list[Product]:
    """A part for each array that gets one: of T columns of tiles array a takes those from aT/A to (a+1)T/A.

    Every array reads the activations for itself: their fetches meet at the DRAM's port.
    """
    if hardware.arrays == 1:
        return [product]
    width = dataflow_of(hardware.array.dataflow).quanta(hardware.array)[2]
    tiles = ceil(product.n / width)
    edges = [min(product.n, place * tiles // hardware.arrays * width) for place in range(hardware.arrays + 1)]
    return [_columns(product, low, high) for low, high in pairwise(edges) if low < high]


def _columns(product: Product, low: int, high: int) -> Product:
    if product.alive is None:
        return replace(product, n=high - low)
    wide = product.granule[1]
    return replace(product, n=high - low, alive=product.alive[:, low // wide : ceil(high / wide)])
