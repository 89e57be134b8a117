"""rtl/unloader.sv: a matrix leaves row by row, however it is taken."""

import numpy as np
import pytest


@pytest.mark.parametrize("share", [0.3, 1.0])
def test_a_matrix_leaves_word_by_word_and_no_offer_is_lost(play, share):
    rows, cols, cycles = 3, 2, 60
    ready = [0, *(np.random.default_rng(0).random(cycles) < share).astype(int)]
    inputs = {
        "start_i": [1, *([0] * cycles)],
        "rows_i": [rows] * (cycles + 1),
        "cols_i": [cols] * (cycles + 1),
        "written_i": [0b01] * (cycles + 1),  # column 1 was never written
        "ready_i": ready,
    }
    parameters = {"RowBits": 4, "ColBits": 2, "AddrBits": 4}
    said = play("unloader", parameters, inputs, ["read_o", "addr_o", "valid_o", "zero_o", "last_o", "done_o"])
    asked = [addr for addr, read in zip(said["addr_o"], said["read_o"], strict=True) if read]
    assert asked == list(range(rows * cols))
    given = [at for at, valid in enumerate(said["valid_o"]) if valid and ready[at]]
    assert [said["zero_o"][at] for at in given] == [0, 1] * rows
    assert [said["last_o"][at] for at in given] == [0] * 5 + [1]
    assert [at for at, done in enumerate(said["done_o"]) if done] == given[-1:]
    if share == 1.0:
        assert given == list(range(2, 8)), "two cycles behind the start, then one a cycle"
