"""Operands for the floating-point units: every pair of special values, and random pairs, near, far and tiny."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Bits = npt.NDArray[np.uint32]
SPECIAL = (
    0x00000000, 0x80000000,  # zeros
    0x00000001, 0x007FFFFF, 0x807FFFFF,  # subnormals: zeros to us
    0x00800000, 0x80800000, 0x00800001, 0x00FFFFFF,  # the smallest normal numbers
    0x3F800000, 0xBF800000, 0x3F7FFFFF, 0x3F800001, 0x33800000, 0x4B800000,  # 1 and what rounds against it
    0x7F7FFFFF, 0xFF7FFFFF,  # the largest
    0x7F800000, 0xFF800000, 0x7FC00000, 0x7F800001,  # infinities and NaNs
)  # fmt: skip


def pairs(chance: np.random.Generator, count: int) -> tuple[Bits, Bits]:
    """All pairs of special values, then `count` random pairs of each kind."""
    special_a, special_b = (
        side.ravel() for side in np.meshgrid(np.array(SPECIAL, np.uint32), np.array(SPECIAL, np.uint32))
    )
    any_a, any_b = (chance.integers(0, 1 << 32, count).astype(np.uint32) for _ in range(2))
    near_a, near_b = (_around(chance, count, 110, 144) for _ in range(2))
    opposite = ((near_a ^ 0x80000000).astype(np.int64) + chance.integers(-9, 10, count)).astype(np.uint32)
    tiny_a, tiny_b = _around(chance, count, 1, 127), _around(chance, count, 1, 30)
    left, right = (special_a, any_a, near_a, near_a, tiny_a), (special_b, any_b, near_b, opposite, tiny_b)
    return np.concatenate(left), np.concatenate(right)


def _around(chance: np.random.Generator, count: int, low: int, high: int) -> Bits:
    sign, exponent = chance.integers(0, 2, count), chance.integers(low, high, count)
    return (sign << 31 | exponent << 23 | chance.integers(0, 1 << 23, count)).astype(np.uint32)


def bits_of(value: npt.NDArray[np.float32]) -> Bits:
    """As the RTL has them: every NaN is one."""
    return np.where(np.isnan(value), np.uint32(0x7FC00000), np.ascontiguousarray(value, np.float32).view(np.uint32))
