"""rtl/bitmap.sv: a window may begin at any bit."""

import numpy as np
import pytest


@pytest.mark.parametrize("scan", [1, 2, 8])
def test_a_window_begins_at_any_bit(play, scan):
    chance = np.random.default_rng(scan)
    pos_bits, words = 6, 64 // scan
    bits = chance.integers(0, 2, 64)
    content = [int(sum(int(bit) << at for at, bit in enumerate(bits[w * scan : (w + 1) * scan]))) for w in range(words)]
    ask = chance.integers(0, 64 - scan, 100)
    inputs = {
        "write_i": [1] * words + [0] * 100,
        "write_addr_i": list(range(words)) + [0] * 100,
        "data_i": content + [0] * 100,
        "pos_i": [0] * words + ask.tolist(),
    }
    said = play("bitmap", {"ScanBits": scan, "PosBits": pos_bits}, inputs, ["window_o"])["window_o"][words:]
    want = [sum(int(bit) << at for at, bit in enumerate(bits[pos : pos + scan])) for pos in ask]
    assert said[1:] == want[:-1]
