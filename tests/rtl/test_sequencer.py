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
BEGIN = 1  # of the first load: the cycle behind start_i


def _played(play, mode, cycles=50, last_rows=LOAD, **parameters):
    """Outputs by cycle, a tile being always at hand: the only one of its column."""
    constant = {
        "mode_i": list(PERIOD).index(mode), "m_i": STREAM, "k_tiles_i": 1, "n_tiles_i": 1, "last_rows_i": last_rows,
        "tile_k_i": 0, "tile_n_i": 0, "tile_first_i": 1,
    }  # fmt: skip
    inputs = {name: [value] * cycles for name, value in constant.items()}
    inputs |= {"start_i": [1] + [0] * (cycles - 1), "tile_valid_i": [0] + [1] * (cycles - 1)}
    outputs = ["tile_take_o", "weight_read_o", "act_read_o", "act_addr_o", "row_o", "take_o"]
    return play("sequencer", {"Rows": LOAD, "Drain": DRAIN, **parameters}, inputs, outputs)


def _places(values):
    return [at for at, value in enumerate(values) if value]


@pytest.mark.parametrize(("mode", "period"), PERIOD.items())
def test_a_tile_is_always_at_hand(play, mode, period):
    said = _played(play, mode)
    taken = _places(said["tile_take_o"])
    assert taken[0] == BEGIN
    assert {two - one for one, two in pairwise(taken[2:])} == {period}
    stream = BEGIN + LOAD
    assert said["act_read_o"][BEGIN : stream + STREAM] == [0] * LOAD + [1] * STREAM
    assert _places(said["row_o"])[:STREAM] == [stream + 1 + row for row in range(STREAM)]
    assert said["take_o"][BEGIN + 1 : BEGIN + 3] == [0b0001, 0b0100], "row 0, then row 1, into register 0"


def test_a_short_tile_loads_the_rows_that_it_has(play):
    said = _played(play, "serial", last_rows=1)
    taken = _places(said["tile_take_o"])
    assert {two - one for one, two in pairwise(taken)} == {1 + STREAM + DRAIN}
    assert said["take_o"][BEGIN + 1] == 0b0101, "the row that is not there holds the first one's weights"


@pytest.mark.parametrize("words", [2, 300])
def test_a_narrow_port_takes_as_many_cycles_as_a_row_has_words(play, words):
    said = _played(play, "serial", 1200 if words == 300 else 50, WeightWords=words, ActWords=2)
    stream = BEGIN + LOAD * words
    assert _places(said["weight_read_o"])[: LOAD * words] == list(range(BEGIN, stream))
    assert _places(said["take_o"])[:LOAD] == [BEGIN + words, BEGIN + 2 * words], "with a row's last word"
    assert said["act_addr_o"][stream : stream + 2 * STREAM] == list(range(2 * STREAM))
    assert _places(said["row_o"])[:STREAM] == [stream + 2 + 2 * row for row in range(STREAM)]
