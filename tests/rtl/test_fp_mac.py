"""rtl/fp_mac.sv: product, then sum, each rounded, in as many cycles as it has stages."""

import numpy as np
import pytest

from rtl.bench.numbers import add, multiply
from rtl.bench.vectors import bits_of, pairs


@pytest.mark.parametrize("stages", [1, 3, 5])
def test_hybrid_and_float_at_every_depth(play, stages):
    chance = np.random.default_rng(stages)
    act, addend = (bits.view(np.float32) for bits in pairs(chance, 200))
    order = chance.permutation(len(act))
    act, weight = act[order], chance.integers(-128, 128, len(act))
    words = [_form(int(one)) for one in weight]
    inputs = {"act_i": bits_of(act), "weight_i": words, "sum_i": bits_of(addend)}
    said = play("fp_mac", {"Stages": stages}, inputs, ["sum_o"])["sum_o"]
    want = bits_of(add(addend, multiply(act, weight.astype(np.float32))))
    assert said[stages:] == want[:-stages].tolist()


def _form(weight: int) -> int:
    if weight == 0:
        return 0
    exponent = abs(weight).bit_length()
    return (weight < 0) << 11 | exponent << 7 | (abs(weight) << 8 - exponent & 127)
