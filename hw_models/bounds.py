"""What no run can beat: live multiply-accumulates through all places at once, live bytes at the DRAM's peak."""

from __future__ import annotations

from math import ceil

from hw_models.hardware import Hardware
from hw_models.mapper import Mapping, steps
from hw_models.sparsity import Product
from hw_models.traffic import transfers


def compute_bound_cycles(live_macs: int, hardware: Hardware) -> int:
    """Every processing element does a live MAC each cycle."""
    return ceil(live_macs / (hardware.array.rows * hardware.array.cols * hardware.arrays))


def memory_bound_cycles(live_bytes: int, hardware: Hardware) -> int:
    """Every byte that must cross the DRAM port crosses it once, at its peak, without latency."""
    if hardware.dram is None:
        return 0
    return -(-live_bytes * hardware.clock_khz // hardware.dram.kilobytes_per_s)


def live_bytes(product: Product) -> int:
    """Bytes that cross the DRAM port when each crosses it once."""
    whole = next(steps(product, Mapping(product.m, product.k, product.n, "n_outer")))
    return transfers(product, [whole])[0].total_bytes
