"""rtl/sram_1r1w.sv and rtl/delay.sv: what is kept, and for how long."""

import pytest


def test_a_read_beside_a_write_gets_the_old_word_and_keeps_it(play):
    inputs = {
        "write_i": [1, 1, 1, 0, 0],
        "write_addr_i": [2, 3, 2, 0, 0],
        "data_i": [11, 22, 33, 0, 0],
        "read_i": [0, 0, 1, 0, 1],
        "read_addr_i": [0, 0, 2, 3, 2],
    }
    said = play("sram_1r1w", {}, {name: [*values, 0] for name, values in inputs.items()}, ["data_o"])["data_o"]
    assert said[3:] == [11, 11, 33]


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_a_word_stands_there_depth_cycles_later(play, depth):
    words = [5, 6, 7, 8, 9, 10]
    said = play("delay", {"Width": 8, "Depth": depth}, {"data_i": words}, ["data_o"])["data_o"]
    assert said[depth:] == words[: len(words) - depth]
