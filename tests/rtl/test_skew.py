"""rtl/skew.sv: lane i leaves i steps later, and the reverse triangle undoes it."""

import numpy as np
import pytest


@pytest.mark.parametrize(("lanes", "step", "reverse"), [(4, 1, 0), (3, 2, 0), (4, 1, 1)])
def test_each_lane_waits_as_long_as_it_should(play, lanes, step, reverse):
    rows = np.random.default_rng(0).integers(0, 16, (40, lanes))
    words = [sum(int(value) << 4 * lane for lane, value in enumerate(row)) for row in rows]
    parameters = {"Lanes": lanes, "Width": 4, "Step": step, "Reverse": reverse, "Reset": 1}
    said = play("skew", parameters, {"row_i": words}, ["row_o"])["row_o"]
    for lane in range(lanes):
        wait = (lanes - 1 - lane if reverse else lane) * step
        assert [word >> 4 * lane & 15 for word in said[wait:]] == rows[: 40 - wait, lane].tolist()
        assert {word >> 4 * lane & 15 for word in said[:wait]} <= {0}  # came up reset
