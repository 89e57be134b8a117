"""rtl/array.sv: products of two rows by hand, and the cycles in which they leave."""

import numpy as np
import pytest

from rtl.bench.job import Machine, sums_of, words_of

MACHINE = Machine(2, 3)
FIRST, SECOND = np.array([[1, 2, 3], [10, 20, 30]]), np.array([[-1, 0, 1], [0, 1, -1]])  # weights
ROWS = np.array([[5, 7], [6, 8]])  # activations
FIRST_SUMS, SECOND_SUMS = [[75, 150, 225], [86, 172, 258]], [[-5, 7, -2], [-6, 8, -2]]


@pytest.mark.parametrize("stages", [1, 3])
def test_a_tile_is_loaded_while_the_one_before_is_streamed(play, stages):
    """Two weight rows, then two activation rows while the next tile's weights come, then two more that meet those."""
    weights, rows = words_of(np.concatenate([FIRST, SECOND]), 8, None), words_of(ROWS, 8, None)
    idle = [0] * 16
    inputs = {
        "weight_i": [*weights, 0, 0, *idle],
        "take_i": [0b0001, 0b0100, 0b0010, 0b1000, 0, 0, *idle],  # rows 0 and 1 into register 0, then into register 1
        "act_i": [0, 0, *rows, *rows, *idle],
        "select_i": [0, 0, 0, 0, 1, 1, *idle],
    }
    said = play("array", {"Rows": 2, "Cols": 3, "Stages": stages}, inputs, ["sum_o"])["sum_o"]
    leaves = 2 + 2 * stages + 3 - 1  # entered at 2; Rows * Stages + Cols - 1 later
    assert sums_of(said[leaves : leaves + 4], MACHINE, 4).tolist() == FIRST_SUMS + SECOND_SUMS


def test_one_weight_row_for_both_registers_ends_the_run(play):
    inputs = {"weight_i": [1], "take_i": [0b0011], "act_i": [0], "select_i": [0]}
    with pytest.raises(AssertionError, match="array: one weight row for both registers"):
        play("array", {"Rows": 2, "Cols": 1}, {name: values * 3 for name, values in inputs.items()}, ["sum_o"])
