"""Does each machine skip what it can, store what it must, and say when a mask is of no use?"""

import numpy as np
import pytest

from hw_models import Gemm, Hardware, Program, TileMask, simulate
from hw_models.sparsity import product_of

EDGE = Hardware.load("edge16").with_(**{"array.rows": 4, "array.cols": 8})


def gemm(alive, tile, size, **more):
    return Gemm("layer", 5, *size, TileMask(np.array(alive, bool), tile, size), **more)


@pytest.mark.parametrize(
    ("dataflow", "granule"),
    [("weight_stationary", (4, 8)), ("output_stationary", (1, 8)), ("input_stationary", (4, 1))],
)
def test_granules(dataflow, granule):
    hardware = EDGE.with_(**{"array.dataflow": dataflow})
    product = product_of(gemm(np.eye(4), (2, 4), (8, 16)), hardware)
    assert product.granule == granule
    dead = {"weight_stationary": 2, "output_stationary": 8, "input_stationary": 16}[dataflow]
    assert int((~product.alive).sum()) == dead


def test_weight_bytes_are_those_of_live_tiles_and_their_bitmap():
    alive = np.random.default_rng(0).random((5, 4)) < 0.5
    figures = simulate(Program((gemm(alive, (4, 8), (18, 30)),)), EDGE).figures
    live = TileMask(alive, (4, 8), (18, 30)).live_elements
    assert figures["weight_sram_write_bytes"] == live + -(-20 // 8)


def test_row_indices_and_selectors_are_charged():
    alive = np.zeros((16, 1), bool)
    alive[[1, 4, 9]] = True
    rows = simulate(Program((gemm(alive, (1, 8), (16, 8)),)), EDGE.with_(**{"sparsity.kind": "row_skip"})).figures
    assert rows["weight_sram_write_bytes"] == 3 * 8 + 3 * 2
    halved = simulate(Program((gemm(alive, (1, 8), (16, 8)),)), EDGE.with_(**{"sparsity.kind": "n_m"})).figures
    assert halved["weight_sram_write_bytes"] == 8 * 8 + 8 * 8 * 2 // 8
    assert halved["activation_sram_write_bytes"] == 5 * 16 * 4  # all of them: any may be selected
    assert halved["macs_skipped"] == 5 * 8 * 8


def test_a_bias_costs_its_bytes():
    plain, biased = (Gemm("layer", 5, 8, 16, bias=bias) for bias in (False, True))
    before, after = (simulate(Program((op,)), EDGE).figures for op in (plain, biased))
    assert after["dram_read_bytes"] - before["dram_read_bytes"] == 16 * 4


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"sparsity.kind": "none"}, "no support for sparsity"),
        ({"sparsity.kind": "n_m"}, "of some 4 neighbours along the reduction more than 2 live"),
        ({"sparsity.kind": "tile_skip"}, "no granule of 4x8"),
    ],
)
def test_a_mask_of_no_use_saves_nothing_and_the_cost_says_so(changes, why):
    hardware = EDGE.with_(**changes)
    alive = np.ones((8, 16), bool)
    alive[0, 0] = alive[5, 9] = False
    cost = simulate(Program((gemm(alive, (1, 1), (8, 16)),)), hardware)
    assert why in cost.notes[0]
    assert cost.figures["macs_skipped"] == cost.figures["passes_skipped"] == 0
    assert cost.as_dict()["notes"] == list(cost.notes)


@pytest.mark.parametrize("dataflow", ["weight_stationary", "output_stationary"])
@pytest.mark.parametrize("k", [1, 2])
def test_a_reduction_that_two_of_four_do_not_shorten_runs_dense(dataflow, k):
    """Compressed it would stay as long, and want selectors and a step for each activation that may stand behind it."""
    hardware = EDGE.with_(**{"sparsity.kind": "n_m", "array.dataflow": dataflow})
    alive = np.ones((k, 9), bool)
    alive[0, 0] = False
    masked, dense = (simulate(Program((op,)), hardware) for op in (gemm(alive, (1, 1), (k, 9)), Gemm("layer", 5, k, 9)))
    assert masked.figures == dense.figures
    assert f"its reduction of {k} is no longer than the 2" in masked.notes[0]


def test_a_mask_of_use_has_no_note():
    assert simulate(Program((gemm(np.eye(2), (4, 8), (8, 16)),)), EDGE).notes == ()


def test_formats_wider_than_the_array_are_refused():
    with pytest.raises(ValueError, match="fp32 weights do not fit the int8 registers of edge16"):
        simulate(Program((Gemm("layer", 5, 8, 16, weight_format="fp32"),)), EDGE)


def test_a_pruned_mask_is_retiled_from_the_blocks_as_pruned():
    alive = np.ones((4, 4), bool)
    alive[0, :2] = False  # two dead 4x4 blocks make one dead 4x8 tile
    figures = simulate(Program((gemm(alive, (4, 4), (16, 16)),)), EDGE).figures
    assert figures["passes_skipped"] == 1
