"""Arithmetic of the RTL in numpy: binary32 without subnormals, and the order in which an array adds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
SMALLEST_NORMAL = np.float64(2.0**-126)


def flushed(value: Floats) -> Floats:
    """Subnormals as zeros of their sign, any NaN as the one that the RTL makes."""
    small = np.abs(value) < np.float32(SMALLEST_NORMAL)
    return np.where(np.isnan(value), np.float32(np.nan), np.where(small, np.copysign(np.float32(0), value), value))


def multiply(a: Floats, b: Floats) -> Floats:
    """What rtl/fp_mul.sv makes of a and b, elementwise.

    The product of two binary32 numbers is exact in binary64. Rounded to 24 bits without a limit on the exponent it
    is flushed where it is still too small: so rounding happens in a binade that binary32 has.
    """
    with np.errstate(all="ignore"):
        exact = flushed(a).astype(np.float64) * flushed(b).astype(np.float64)
        tiny = np.abs(exact) < 2 * SMALLEST_NORMAL
        lifted = (exact * 2.0**64).astype(np.float32)
        too_small = tiny & (np.abs(lifted).astype(np.float64) < SMALLEST_NORMAL * 2.0**64)
        return flushed(
            np.where(too_small, np.copysign(np.float32(0), exact).astype(np.float32), exact.astype(np.float32))
        )


def add(a: Floats, b: Floats) -> Floats:
    """What rtl/fp_add.sv makes of a and b, elementwise; a sum below the normal range is exact before it is flushed."""
    with np.errstate(all="ignore"):
        return flushed((flushed(a) + flushed(b)).astype(np.float32))


def integer_product(
    a: npt.NDArray[np.int64], b: npt.NDArray[np.int64], live: npt.NDArray[np.bool_], rows: int, bits: int
) -> npt.NDArray[np.int64]:
    """(m, n) sums over the live (k, n) weights, wrapped to `bits`; in which order does not matter."""
    del rows
    total = a @ np.where(live, b, 0)
    return (total + (1 << bits - 1)) % (1 << bits) - (1 << bits - 1)


def float_product(a: Floats, b: Floats, live: npt.NDArray[np.bool_], rows: int) -> Floats:
    """(m, n) sums in the array's order: down the rows of a tile from +0, then tile by tile; dead tiles left out.

    `live` (k_tiles, n) says which tile a column's weights belong to lives.
    """
    total: Floats = np.zeros((a.shape[0], b.shape[1]), np.float32)
    begun = np.zeros(b.shape[1], bool)
    for tile, lives in enumerate(live):
        sums: Floats = np.zeros_like(total)
        for row in range(tile * rows, min((tile + 1) * rows, a.shape[1])):
            sums = add(sums, multiply(a[:, row, None], b[None, row, :]))
        total = np.where(lives, np.where(begun, add(total, sums), sums), total)
        begun |= lives
    return total
