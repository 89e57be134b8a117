"""rtl/loader.sv and rtl/unloader.sv: a stream in and a stream out, both ends throttled at random."""

import numpy as np
import pytest


def _loaded(play, valid, last):
    cycles = len(valid)
    inputs = {
        "clear_i": [1, *([0] * cycles)],
        "skip_i": [0] * (cycles + 1),
        "valid_i": [0, *valid],
        "last_i": [0, *last],
    }
    said = play("loader", {"AddrBits": 2}, inputs, ["ready_o", "write_o", "addr_o", "complete_o", "count_o", "full_o"])
    return {name: values[1:] for name, values in said.items()}


def test_words_lie_one_behind_the_other_however_they_come(play):
    valid = [0, 1, 0, 0, 1, 1, 0, 1, 1]
    said = _loaded(play, valid, [0, 0, 0, 0, 0, 1, 0, 0, 0])  # the third word is the last
    written = [addr for addr, write in zip(said["addr_o"], said["write_o"], strict=True) if write]
    assert written == [0, 1, 2], "what comes behind the last word is not taken"
    assert said["ready_o"] == [1] * 6 + [0] * 3 == [1 - complete for complete in said["complete_o"]]
    assert said["count_o"][-1] == 3


def test_words_that_do_not_fit_are_thrown_away_and_told(play):
    said = _loaded(play, [1] * 7, [0, 0, 0, 0, 0, 1, 0])
    assert sum(said["write_o"]) == 4
    assert said["full_o"] == [0] * 5 + [1, 1]
    assert said["complete_o"][-1] == 1, "the stream does not hang"


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
