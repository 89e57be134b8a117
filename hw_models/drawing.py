"""The two steps of drawing masks with an exact number of live tiles, compiled."""

from __future__ import annotations

import numpy as np

from hw_models.engine.fast.compiled import Grid, Ints, compiled


@compiled
def throw(chance: Grid, thresholds: Ints, ends: Ints, alive: Grid) -> Ints:
    """Let each tile live whose throw is below its matrix's threshold; (matrices,) how many do.

    chance: a byte for each tile; thresholds: from 0 to 256; ends: where each matrix's tiles end in both.
    """
    live, first = np.zeros(len(ends), np.int64), 0
    for matrix in range(len(ends)):
        live[matrix] = below(chance[first : ends[matrix]], thresholds[matrix], alive[first : ends[matrix]])
        first = ends[matrix]
    return live


@compiled
def below(chance: Grid, threshold: int, alive: Grid) -> int:
    """The same of one matrix; a loop of its own so that it becomes vector instructions."""
    live = 0
    for tile in range(len(alive)):
        alive[tile] = chance[tile] < threshold
        live += alive[tile]
    return live


@compiled
def settle(surplus: Ints, places: Ints, ends: Ints, alive: Grid) -> None:
    """Turn live tiles dead where a matrix has a surplus, dead ones alive where it lacks some, while `places` last.

    places: random whole numbers with 30 bits. Of each the lowest bits that can name a tile of the matrix are taken;
    what names none, or a tile of the other side, is passed over, so that each tile of a side is as likely.
    """
    place, first = 0, 0
    for matrix in range(len(ends)):
        count, bits = ends[matrix] - first, 1
        while bits < count:
            bits *= 2
        side = 1 if surplus[matrix] > 0 else 0
        while surplus[matrix] and place < len(places):
            tile = places[place] & (bits - 1)
            place += 1
            if tile < count and alive[first + tile] == side:
                alive[first + tile] = 1 - side
                surplus[matrix] += 1 - 2 * side
        first = ends[matrix]
