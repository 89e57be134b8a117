"""rtl/array_os.sv: sums that stay, by hand, and the cycles in which they leave."""

import numpy as np
import pytest

from rtl.bench.job import Machine, sums_of, words_of

STEPS = np.array([[5, 7], [6, 8]])  # activations: a step of the reduction, a value for each of two tokens
WEIGHTS = np.array([[1, 2, 3], [10, 20, 30]])


def test_sums_leave_row_by_row_behind_the_columns(play):
    """Two products, one behind the other: of both steps, then of them the other way round with the signs turned."""
    idle = [0] * 8
    inputs = {
        "act_i": [*words_of(np.concatenate([STEPS, -STEPS[::-1]]), 8, None), *idle],
        "weight_i": [*words_of(np.concatenate([WEIGHTS, WEIGHTS[::-1]]), 8, None), *idle],
        "first_i": [1, 0, 1, 0, *idle],
        "whole_i": [0, 1, 0, 1, *idle],
    }
    said = play("array_os", {"Rows": 2, "Cols": 3}, inputs, ["sum_o"])["sum_o"]
    leaves = 1 + 3  # whole at 1; Cols later, then a row a cycle
    first, second = [[65, 130, 195], [87, 174, 261]], [[-65, -130, -195], [-87, -174, -261]]
    assert sums_of(said[leaves : leaves + 4], Machine(2, 3), 4).tolist() == first + second


def test_sums_that_are_whole_too_soon_end_the_run(play):
    inputs = {"act_i": [0], "weight_i": [0], "first_i": [1], "whole_i": [1]}
    with pytest.raises(AssertionError, match="array_os: sums became whole while those before were still leaving"):
        play("array_os", {"Rows": 2, "Cols": 1}, {name: values * 4 for name, values in inputs.items()}, ["sum_o"])
