"""rtl/delay.sv: a word, so many cycles later; control lines come up 0."""

import pytest


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_a_word_stands_there_depth_cycles_later(play, depth):
    words = [5, 6, 7, 8, 9, 10]
    said = play("delay", {"Width": 8, "Depth": depth}, {"data_i": words}, ["data_o"])["data_o"]
    assert said[depth:] == words[: len(words) - depth]


def test_a_control_line_comes_up_zero(play):
    assert play("delay", {"Depth": 3, "Reset": 1}, {"data_i": [1] * 5}, ["data_o"])["data_o"] == [0, 0, 0, 1, 1]
