"""rtl/int_mac.sv: exact, wrapping, in as many cycles as it has stages."""

import numpy as np
import pytest


@pytest.mark.parametrize(("stages", "bits"), [(1, 8), (4, 8), (2, 4)])
def test_every_sum_is_exact_and_wraps(play, stages, bits):
    chance, low, high = np.random.default_rng(stages), -(1 << bits - 1), 1 << bits - 1
    act, weight = chance.integers(low, high, (2, 400))
    act[:2], weight[:2] = low, low  # the largest product there is
    addend = chance.integers(0, 1 << 20, 400)
    inputs = {"act_i": act & 2 * high - 1, "weight_i": weight & 2 * high - 1, "sum_i": addend}
    parameters = {"Stages": stages, "ActBits": bits, "WeightBits": bits, "SumBits": 20}
    said = play("int_mac", parameters, inputs, ["sum_o"])["sum_o"]
    assert said[stages:] == ((addend + act * weight) % (1 << 20))[:-stages].tolist()
