"""rtl/sequencer.sv: cycles from pass to pass in the four modes, worked by hand."""

from itertools import pairwise

import pytest

# Two weight rows to load, three activation rows to stream, two cycles to drain.
LOAD, STREAM, DRAIN = 2, 3, 2
PERIOD = {
    "serial": LOAD + STREAM + DRAIN,
    "wavefront": LOAD + STREAM,  # the next load follows the last activation
    "double_buffered": max(LOAD, STREAM),  # the swap rides with the activations
    "double_buffered_global": STREAM + DRAIN,  # the swap waits until all sums are out
}


@pytest.mark.parametrize(("mode", "period"), PERIOD.items())
def test_a_tile_is_always_at_hand(play, mode, period):
    cycles = 50
    constant = {
        "mode_i": list(PERIOD).index(mode), "m_i": STREAM, "k_tiles_i": 1, "n_tiles_i": 1, "last_rows_i": LOAD,
        "tile_valid_i": 1, "tile_k_i": 0, "tile_n_i": 0, "tile_first_i": 1,
    }  # fmt: skip
    inputs = {name: [value] * cycles for name, value in constant.items()}
    inputs["start_i"] = [1] + [0] * (cycles - 1)
    inputs["tile_valid_i"][0] = 0
    said = play("sequencer", {"Rows": LOAD, "Drain": DRAIN}, inputs, ["tile_take_o", "act_read_o", "row_o", "take_o"])
    taken = [at for at, take in enumerate(said["tile_take_o"]) if take]
    assert {two - one for one, two in pairwise(taken[2:])} == {period}
    first = taken[0]
    assert said["act_read_o"][first : first + LOAD + STREAM] == [0] * LOAD + [1] * STREAM
    assert [at for at, row in enumerate(said["row_o"]) if row][:STREAM] == [first + LOAD + 1 + n for n in range(STREAM)]
    assert said["take_o"][first + 1 : first + 3] == [0b0001, 0b0100], "row 0, then row 1, into register 0"
