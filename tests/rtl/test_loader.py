"""rtl/loader.sv: a stream lies in memory word behind word, however it comes."""


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
