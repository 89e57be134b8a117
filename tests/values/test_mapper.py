"""Does the mapper move as few bytes as can be, and keep what the page promises?"""

import itertools
import math

import numpy as np
import pytest

from hw_models import Gemm, Hardware, Program, TileMask, simulate
from hw_models.dataflow import dataflow_of
from hw_models.mapper import BUSY_MARGIN, Mapping, map_product, steps
from hw_models.sparsity import product_of
from hw_models.traffic import transfers

EDGE = Hardware.load("edge16").with_(**{"array.size": 4, "sparsity.kind": "none"})
SIZES = [(30, 24, 20), (7, 64, 9), (100, 8, 40), (1, 60, 60), (64, 64, 4)]
STREAMED = {"weight_stationary": "m", "output_stationary": "k", "input_stationary": "n"}
BUFFERS = [(1, 1, 1), (2, 1, 4), (0.5, 4, 2), (8, 8, 8)]


def machine(buffers, dataflow="weight_stationary"):
    activation, weight, output = buffers
    return EDGE.with_(
        **{
            "buffers.activation.size_kib": activation, "buffers.weight.size_kib": weight,
            "buffers.output.size_kib": output, "array.dataflow": dataflow,
        }
    )  # fmt: skip


def moved(product, mapping):
    plan = list(steps(product, mapping))
    return sum(one.total_bytes for one in transfers(product, plan))


def busy(product, mapping, hardware):
    """Passes times the time from one to the next, double buffered: two sides in tiles of 4, the third streams."""
    sides = {side: (getattr(product, side), getattr(mapping, side)) for side in "mkn"}
    whole, streamed = sides.pop(STREAMED[hardware.array.dataflow])
    folds = math.prod(-(-size // 4) for size, _ in sides.values()) * -(-whole // streamed)
    return folds * max(streamed, hardware.array.rows)


@pytest.mark.parametrize("dataflow", STREAMED)
@pytest.mark.parametrize("buffers", BUFFERS, ids=str)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_no_cut_into_equal_slabs_moves_fewer_bytes(size, buffers, dataflow):
    """All that fits is tried: every length of m, every cut of k and n into equal slabs, whole tiles, both orders."""
    hardware = machine(buffers, dataflow)
    product = product_of(Gemm("product", *size), hardware)
    m, k, n = size
    half = hardware.buffers
    quanta = dataflow_of(dataflow).quanta(hardware.array)
    lengths = {min(rows, m) for rows in range(quanta[0], m + quanta[0], quanta[0])}
    cuts = [
        {min(-(-side // parts // quantum) * quantum or quantum, side) for parts in range(1, side + 1)}
        for side, quantum in ((k, quanta[1]), (n, quanta[2]))
    ]
    choices = [
        Mapping(rows, depth, cols, order)
        for rows, depth, cols, order in itertools.product(lengths, *cuts, ("m_outer", "n_outer"))
        if rows * depth * 4 <= half.activation.half_bytes
        and depth * cols <= half.weight.half_bytes
        and rows * cols * 4 <= half.output.half_bytes
    ]
    chosen = map_product(product, hardware)
    assert chosen.m * chosen.k * 4 <= half.activation.half_bytes
    assert chosen.k * chosen.n <= half.weight.half_bytes
    assert chosen.m * chosen.n * 4 <= half.output.half_bytes
    least = min(busy(product, choice, hardware) for choice in choices)
    allowed = [choice for choice in choices if busy(product, choice, hardware) <= BUSY_MARGIN * least]
    assert moved(product, chosen) <= min(moved(product, choice) for choice in allowed)


@pytest.mark.parametrize("dataflow", ["weight_stationary", "output_stationary", "input_stationary"])
def test_what_fits_crosses_once(dataflow):
    hardware = machine((64, 64, 64), dataflow)
    figures = simulate(Program.of_gemm(20, 30, 40), hardware).figures
    assert figures["dram_read_bytes"] == 20 * 30 * 4 + 30 * 40
    assert figures["dram_write_bytes"] == 20 * 40 * 4


@pytest.mark.parametrize("buffers", BUFFERS, ids=str)
@pytest.mark.parametrize("dataflow", ["weight_stationary", "output_stationary", "input_stationary"])
def test_partial_sums_never_leave_the_chip(dataflow, buffers):
    figures = simulate(Program.of_gemm(30, 200, 20), machine(buffers, dataflow)).figures
    assert figures["dram_write_bytes"] == 30 * 20 * 4


def test_neither_mask_nor_bandwidth_moves_a_slabs_edge():
    hardware = machine((1, 1, 1)).with_(**{"sparsity.kind": "tile_skip"})
    alive = np.random.default_rng(0).random((6, 5)) < 0.4
    dense, masked = (
        product_of(Gemm("g", 30, 24, 20, tiles), hardware) for tiles in (None, TileMask(alive, (4, 4), (24, 20)))
    )
    faster = hardware.with_(**{"dram.bandwidth_gb_s": 1000})
    assert map_product(dense, hardware) == map_product(masked, hardware) == map_product(dense, faster)


def test_steps_cover_the_product_once():
    product = product_of(Gemm("g", 30, 24, 20), machine((1, 1, 1)))
    for order in ("m_outer", "n_outer"):
        seen = np.zeros((30, 24, 20), int)
        for step in steps(product, Mapping(7, 8, 12, order)):
            seen[slice(*step.m), slice(*step.k), slice(*step.n)] += 1
        assert (seen == 1).all()


def test_a_buffer_too_small_for_a_tile_is_named():
    with pytest.raises(ValueError, match=r"half of buffers.weight is 10 bytes, one tile needs 16"):
        simulate(Program.of_gemm(4, 8, 8), machine((1, 20 / 1024, 1)))
