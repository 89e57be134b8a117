"""Is the tile gate tight: a gap that is just hidden costs nothing, one bit more costs a cycle?"""

import numpy as np
import pytest

from hw_models import Hardware, Program, simulate

ENGINES = ("event", "fast")
ARRAY = Hardware.load("edge16").with_(dram=None, buffers=None, **{"array.size": 4})
LOAD, DEPTH = 4, 6


def cycles(alive, overlap, scan_bits, m=3, engine="fast"):
    hardware = ARRAY.with_(**{"array.overlap": overlap, "sparsity.scan_bits": scan_bits})
    alive = np.array(alive, bool)[:, None]
    return simulate(Program.of_gemm(m, 4 * len(alive), 4, alive, (4, 4)), hardware, engine).cycles


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("scan_bits", [1, 2])
def test_a_gap_is_hidden_behind_a_load_and_not_a_bit_longer(scan_bits, engine):
    # double buffered: the search begins with the load of 4 cycles; the next load may begin when that one ends
    hidden = LOAD * scan_bits
    two_passes = 1 + LOAD + max(3, LOAD) + 3 + DEPTH  # first look, load, second load, stream, depth
    tight = [1] + [0] * (hidden - 1) + [1]
    assert cycles(tight, "double_buffered", scan_bits, engine=engine) == two_passes
    longer = [1] + [0] * hidden + [1]
    assert cycles(longer, "double_buffered", scan_bits, engine=engine) == two_passes + 1


@pytest.mark.parametrize("engine", ENGINES)
def test_serial_hides_a_gap_behind_the_whole_pass(engine):
    whole = LOAD + 3 + DEPTH
    assert cycles([1] + [0] * (whole - 1) + [1], "serial", 1, engine=engine) == 1 + 2 * whole
    assert cycles([1] + [0] * whole + [1], "serial", 1, engine=engine) == 1 + 2 * whole + 1


@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_hides_the_first_search(engine):
    for dead in range(5):
        alive = [0] * dead + [1]
        assert cycles(alive, "wavefront", 2, engine=engine) == -(-(dead + 1) // 2) + LOAD + 3 + DEPTH


@pytest.mark.parametrize("engine", ENGINES)
def test_the_run_ends_with_the_last_sum_or_the_last_bit(engine):
    whole = LOAD + 3 + DEPTH  # the search behind the only pass begins with its load, at cycle 1
    assert cycles([1] + [0] * whole, "serial", 1, engine=engine) == 1 + whole
    assert cycles([1] + [0] * (whole + 1), "serial", 1, engine=engine) == 1 + whole + 1


@pytest.mark.parametrize("engine", ENGINES)
def test_a_dead_product_costs_its_bits_alone(engine):
    assert cycles([0] * 9, "double_buffered", 4, engine=engine) == 3


@pytest.mark.parametrize("engine", ENGINES)
def test_a_column_of_dead_tiles_costs_its_bits_alone(engine):
    hardware = ARRAY.with_(**{"array.overlap": "serial", "sparsity.scan_bits": 1})
    ones, dead = np.ones((2, 3), bool), np.ones((2, 3), bool)
    dead[:, 1] = False
    both = [simulate(Program.of_gemm(3, 8, 12, mask, (4, 4)), hardware, engine).cycles for mask in (ones, dead)]
    assert both[0] - both[1] == 2 * (LOAD + 3 + DEPTH)
