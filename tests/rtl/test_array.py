"""rtl/array.sv and rtl/array_os.sv: a product of two rows by hand, and the cycles in which it leaves."""

ROWS, COLS = 2, 3


def _word(values, bits):
    """The first value in the lowest bits."""
    return sum((value % (1 << bits)) << bits * place for place, value in enumerate(values))


def _values(word, bits):
    return [(word >> bits * place) % (1 << bits) for place in range(COLS)]


def test_rows_leave_whole_rows_plus_columns_less_one_cycles_later(play):
    weights, rows = [[1, 2, 3], [10, 20, 30]], [[5, 7], [6, 8]]
    idle = 8
    inputs = {
        "weight_i": [_word(row, 8) for row in weights] + [0] * (2 + idle),
        "take_i": [0b0001, 0b0100] + [0] * (2 + idle),  # row 0, then row 1, each into register 0
        "act_i": [0, 0] + [_word(row, 8) for row in rows] + [0] * idle,
        "select_i": [0] * (4 + idle),
    }
    said = play("array", {"Rows": ROWS, "Cols": COLS}, inputs, ["sum_o"])["sum_o"]
    leaves = 2 + ROWS + COLS - 1
    assert _values(said[leaves], 32) == [5 + 70, 10 + 140, 15 + 210]
    assert _values(said[leaves + 1], 32) == [6 + 80, 12 + 160, 18 + 240]


def test_sums_that_stay_leave_row_by_row_behind_the_columns(play):
    acts, weights = [[5, 7], [6, 8]], [[1, 2, 3], [10, 20, 30]]  # two steps of the reduction
    idle = 8
    inputs = {
        "act_i": [_word(step, 8) for step in acts] + [0] * idle,
        "weight_i": [_word(step, 8) for step in weights] + [0] * idle,
        "first_i": [1, 0] + [0] * idle,
        "whole_i": [0, 1] + [0] * idle,
    }
    said = play("array_os", {"Rows": ROWS, "Cols": COLS}, inputs, ["sum_o"])["sum_o"]
    whole = 1
    assert _values(said[whole + COLS], 32) == [5 + 60, 10 + 120, 15 + 180]
    assert _values(said[whole + COLS + 1], 32) == [7 + 80, 14 + 160, 21 + 240]
