"""rtl/fp_mul.sv against numpy: binary32 x binary32, and binary32 x INT8 in the form that rtl/int8_to_float.sv makes."""

import numpy as np
import pytest

from rtl.bench.numbers import multiply
from rtl.bench.vectors import bits_of, pairs


@pytest.mark.parametrize("cut", [0, 1])
def test_every_product_of_floats_is_numpys(play, cut):
    a, b = pairs(np.random.default_rng(cut), 1000)
    said = play("fp_mul", {"Cut": cut}, {"a_i": a, "b_i": b}, ["product_o"])["product_o"]
    want = bits_of(multiply(a.view(np.float32), b.view(np.float32)))
    assert said[cut:] == want[: len(want) - cut].tolist()


# (a, b, result)
BY_HAND = [
    (0x3FC00000, 0x3FC00000, 0x40100000),  # 1.5 * 1.5 = 2.25
    (0x3F800001, 0x3F800001, 0x3F800002),  # (1 + 2**-23)**2 rounds to 1 + 2**-22
    (0x7F800000, 0x00000000, 0x7FC00000),  # infinity * 0
    (0x00800000, 0x3F7FFFFE, 0x00000000),  # just below the normal range: flushed
    (0x00800000, 0x3F7FFFFF, 0x00000000),  # exact at 24 bits and below the range: flushed, where IEEE would round up
    (0x80FFFFFF, 0x3F000000, 0x80000000),  # flushed, its sign kept
    (0x7F000000, 0x40000000, 0x7F800000),  # overflow
]


def test_values_worked_by_hand(play):
    a, b, want = zip(*BY_HAND, strict=True)
    assert play("fp_mul", {}, {"a_i": a, "b_i": b}, ["product_o"])["product_o"] == list(want)
