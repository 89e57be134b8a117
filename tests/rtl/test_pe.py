"""rtl/pe.sv: two weights held, one multiplied; or one sum held."""

import pytest

MINUS_5 = 256 - 5


def test_the_weight_that_was_taken_is_multiplied_while_the_other_is_replaced(play):
    inputs = {
        "weight_i": [3, MINUS_5, 9, 9],
        "take_i": [0b01, 0b10, 0, 0],  # 3 into register 0, -5 into register 1, 9 into none
        "act_i": [0, 7, 7, 7],
        "select_i": [0, 0, 0, 1],
        "sum_i": [0, 100, 200, 100],
    }
    said = play("pe", {}, {name: [*values, 0] for name, values in inputs.items()}, ["sum_o", "weight_o", "take_o"])
    assert said["sum_o"][2:] == [100 + 7 * 3, 200 + 7 * 3, 100 - 7 * 5], "one cycle behind the inputs"
    assert said["weight_o"][1:] == inputs["weight_i"], "weights pass on down the column"
    assert said["take_o"][1:] == inputs["take_i"]


def test_a_sum_that_stays_begins_anew_where_select_says(play):
    inputs = {"act_i": [2, 4, 0, 6], "weight_i": [3, 5, 5, 1], "select_i": [1, 0, 0, 1], "take_i": [0] * 4}
    inputs = {name: [*values, 0] for name, values in inputs.items()} | {"sum_i": [0] * 5}
    assert play("pe", {"OutputStationary": 1}, inputs, ["sum_o"])["sum_o"][1:] == [6, 26, 26, 6]


def test_a_register_that_is_not_there_ends_the_run(play):
    inputs = {"weight_i": [1], "take_i": [0b10], "act_i": [0], "select_i": [0], "sum_i": [0]}
    inputs = {name: values * 3 for name, values in inputs.items()}
    with pytest.raises(AssertionError, match="the second weight register was asked for where there is one"):
        play("pe", {"DoubleBuffered": 0}, inputs, ["sum_o"])
