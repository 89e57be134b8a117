"""rtl/gearbox.sv: a row is whole in the cycle of its last word, gaps or not."""

import numpy as np
import pytest


@pytest.mark.parametrize(("words", "bits"), [(1, 32), (2, 32), (3, 32)])
def test_a_row_is_whole_with_its_last_word(play, words, bits):
    chance = np.random.default_rng(words)
    row_bits = words * bits - 12  # the last word is not full
    came = chance.random(90) < 0.7
    value = chance.integers(0, 1 << bits, 90)
    parameters = {"Words": words, "WordBits": bits, "RowBits": row_bits}
    said = play("gearbox", parameters, {"valid_i": came, "word_i": value}, ["row_o"])["row_o"]
    taken = np.flatnonzero(came)
    for row in range(len(taken) // words):
        places = taken[row * words : (row + 1) * words]
        whole = sum(int(value[place]) << bits * at for at, place in enumerate(places))
        assert said[places[-1]] == whole % (1 << row_bits)
