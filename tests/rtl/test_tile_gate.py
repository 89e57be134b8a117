"""rtl/tile_gate.sv, given the bitmap's answers by hand: live tiles in order, dead ones for the look at their bit."""

OUT = ["tile_valid_o", "tile_k_o", "tile_n_o", "tile_first_o", "ended_o", "pos_o"]
SIZES = {"TileBits": 2, "PosBits": 4}


def _played(play, scan, windows, taken, dense=0, k_tiles=2, tiles=6):
    """Tiles handed out, each taken at once in the cycles that the test expects."""
    cycles = len(windows)
    inputs = {
        "start_i": [1, *([0] * (cycles - 1))],
        "dense_i": [dense] * cycles,
        "k_tiles_i": [k_tiles] * cycles,
        "tiles_i": [tiles] * cycles,
        "window_i": windows,
        "tile_take_i": [at in taken for at in range(cycles)],
    }
    said = play("tile_gate", {"ScanBits": scan, **SIZES}, inputs, OUT)
    handed = [
        (at, said["tile_k_o"][at], said["tile_n_o"][at], said["tile_first_o"][at])
        for at, valid in enumerate(said["tile_valid_o"])
        if valid
    ]
    return handed, said


def test_a_wide_window_finds_a_live_tile_every_cycle(play):
    bits = 0b100110  # of 2 x 3 tiles, K inside N: (1, 0), (0, 1) and (1, 2) live
    handed, said = _played(play, 8, [0, bits, bits >> 2, bits >> 3, 0, 0], {2, 3, 4})
    assert handed == [(2, 1, 0, 1), (3, 0, 1, 1), (4, 1, 2, 1)], "each is the first live one of its column"
    assert said["pos_o"][:3] == [0, 2, 3]
    assert said["ended_o"].index(1) == 4, "the cycle in which the last is taken"


def test_a_narrow_window_pays_a_cycle_for_every_bit(play):
    """The live bits are 1, 2 and 5; bit after bit is looked at from cycle 1 on, the first of the run."""
    handed, _ = _played(play, 1, [0, 0, 1, 1, 0, 0, 1, 0, 0], {3, 4, 7})
    assert handed == [(3, 1, 0, 1), (4, 0, 1, 1), (7, 1, 2, 1)]


def test_without_a_bitmap_a_tile_is_at_hand_in_every_cycle(play):
    handed, said = _played(play, 8, [0] * 8, {1, 2, 3, 4, 5, 6}, dense=1)
    assert handed == [
        (1, 0, 0, 1), (2, 1, 0, 0), (3, 0, 1, 1), (4, 1, 1, 0), (5, 0, 2, 1), (6, 1, 2, 0),
    ]  # fmt: skip
    assert said["ended_o"].index(1) == 6


def test_nothing_lives_nothing_is_handed_out(play):
    handed, said = _played(play, 8, [0] * 5, {})
    assert handed == []
    assert said["ended_o"].index(1) <= 2
