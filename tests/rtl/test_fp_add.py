"""rtl/fp_add.sv against numpy's binary32, bit for bit."""

import numpy as np
import pytest

from rtl.bench.numbers import add
from rtl.bench.vectors import bits_of, pairs


@pytest.mark.parametrize("cut", [0, 1])
def test_every_sum_is_numpys(play, cut):
    a, b = pairs(np.random.default_rng(cut), 1500)
    said = play("fp_add", {"Cut": cut}, {"a_i": a, "b_i": b}, ["sum_o"])["sum_o"]
    want = bits_of(add(a.view(np.float32), b.view(np.float32)))
    assert said[cut:] == want[: len(want) - cut].tolist()


# (a, b, result)
BY_HAND = [
    (0x3F800000, 0x33800000, 0x3F800000),  # 1 + 2**-24: a tie goes to the even neighbour, which is 1
    (0x3F800001, 0x33800000, 0x3F800002),  # one step above 1 the tie goes up
    (0x3F800000, 0xBF800000, 0x00000000),  # x - x is +0
    (0x80000000, 0x80000000, 0x80000000),  # -0 + -0 is -0
    (0x7F7FFFFF, 0x7F7FFFFF, 0x7F800000),  # overflow
    (0x7F800000, 0xFF800000, 0x7FC00000),  # infinity - infinity
    (0x00800001, 0x80800000, 0x00000000),  # 2**-149 is below the normal range: flushed
]


def test_values_worked_by_hand(play):
    a, b, want = zip(*BY_HAND, strict=True)
    assert play("fp_add", {}, {"a_i": a, "b_i": b}, ["sum_o"])["sum_o"] == list(want)
