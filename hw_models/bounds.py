"""What no run can beat: live multiply-accumulates through all places at once, live bytes at the DRAM's peak."""

from __future__ import annotations

from math import ceil

import numpy as np

from hw_models.hardware import SUM_BYTES, Hardware
from hw_models.sparsity import Product


def compute_bound_cycles(live_macs: int, hardware: Hardware) -> int:
    """Every processing element does a live MAC each cycle."""
    return ceil(live_macs / (hardware.array.rows * hardware.array.cols * hardware.arrays))


def memory_bound_cycles(live_bytes: int, hardware: Hardware) -> int:
    """Every byte that must cross the DRAM port crosses it once, at its peak, without latency."""
    if hardware.dram is None:
        return 0
    return -(-live_bytes * hardware.clock_khz // hardware.dram.kilobytes_per_s)


def live_bytes(product: Product) -> int:
    """Activations that meet a live weight, live weights, biases and outputs, each once; nothing stored of masks."""
    inputs, weights = product.full_k, product.k * product.n
    if product.alive is not None:
        rows, cols = (
            np.minimum(size - np.arange(0, size, granule), granule)
            for size, granule in zip((product.k, product.n), product.granule, strict=True)
        )
        inputs, weights = int(rows @ product.alive.any(axis=1)), int(rows @ product.alive @ cols)
    return (
        product.m * (inputs + product.n) * product.activation_bytes
        + weights * product.weight_bytes
        + (product.n * SUM_BYTES if product.bias else 0)
    )
