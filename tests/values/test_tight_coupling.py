"""SASP's kernel: instructions of a tile, tiles and instructions of its blocks, and the published headline beside ours.

The counts were read from the released code (gem5-X/TiC-SAT, `processMultiplication`); M = 128.
"""

from dataclasses import replace

import numpy as np
import pytest

from hw_models import Gemm, Hardware, Program, TileMask, simulate
from hw_models.engine.fast.tight import instructions_of_tile
from hw_models.shapes import shape_program

SIDES = (4, 8, 16, 32)
# N: (w FP32, w INT8, s, o)
PER_TILE = {4: (16, 4, 539, 512), 8: (64, 16, 1143, 1024), 16: (256, 64, 2543, 2048), 32: (1024, 256, 6111, 4096)}
# millions of custom instructions in a block, FP32 and INT8; LibriTrans by hand: tiles x (w + s), N = 4: 86,016 x 555
PER_BLOCK = {
    "librispeech": {4: (113.7, 111.2), 8: (61.8, 59.3), 16: (35.8, 33.4), 32: (22.8, 20.4)},
    "libritrans": {4: (47.7, 46.7), 8: (26.0, 24.9), 16: (15.0, 14.0), 32: (9.6, 8.6)},
}
# tiles of attention weights, feed-forward weights, run-time operands; LibriTrans by hand: N^2 times as many elements,
# 4 x 256 x 256, 2 x 256 x 2,048, and of each of 4 heads 64 x 128 and 128 x 64
TILES = {
    "librispeech": {4: (65536, 131072, 8192), 8: (16384, 32768, 2048), 16: (4096, 8192, 512), 32: (1024, 2048, 128)},
    "libritrans": {4: (16384, 65536, 4096), 8: (4096, 16384, 1024), 16: (1024, 4096, 256), 32: (256, 1024, 64)},
}
# speed-up of the LibriSpeech block over dense FP32, from cost weights of 7, 8 and 5 cycles for w, s and o and 6 M
# cycles of other work, which were inferred from the paper's headline: a check of ours, never a calibration
INFERRED = {
    ("int8", 0.0, 0.0): (1.01, 1.02, 1.04, 1.07),
    ("fp32", 0.2, 0.0): (1.15, 1.15, 1.14, 1.14),
    ("fp32", 0.2, 0.2): (1.24, 1.24, 1.23, 1.23),
    ("int8", 0.2, 0.0): (1.16, 1.17, 1.19, 1.23),
    ("int8", 0.2, 0.2): (1.25, 1.26, 1.29, 1.32),
}


def machine(side, weights="fp32"):
    return Hardware.load(f"sasp{side}-{weights}")


@pytest.mark.parametrize("side", SIDES)
def test_instructions_of_a_tile(side):
    w_fp32, w_int8, streams, sums = PER_TILE[side]
    for size, weights in ((4, w_fp32), (1, w_int8)):
        counted = instructions_of_tile(128, (4, size), machine(side))
        assert (counted.weights, counted.streams, counted.sums) == (weights, streams, sums)


@pytest.mark.parametrize("engine", ["event", "fast"])
@pytest.mark.parametrize("weights", ["fp32", "int8"])
@pytest.mark.parametrize("side", SIDES)
def test_cycles_of_one_tile_are_its_instructions(side, weights, engine):
    w, streams, sums = PER_TILE[side][weights == "int8"], *PER_TILE[side][2:]
    program = Program((Gemm("tile", 128, side, side, stationary_known=False),))
    figures = simulate(program, machine(side, weights), engine).figures
    assert figures["busy_cycles"] == 6 * (w + streams) + 10 * sums
    assert figures["host_operations"] == 4 * (w + streams) + 3 * sums


@pytest.mark.parametrize("weights", ["fp32", "int8"])
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("block", TILES)
def test_tiles_of_the_blocks(block, side, weights):
    layers = simulate(shape_program(f"sasp-{block}"), machine(side, weights)).layers
    passes = dict.fromkeys(("attention", "feed_forward", "run_time"), 0)
    for layer in layers:
        if isinstance(layer.op, Gemm):
            passes[layer.name.split(".")[0] if layer.op.stationary_known else "run_time"] += layer.figures["passes"]
    assert tuple(passes.values()) == TILES[block][side]


@pytest.mark.parametrize("engine", ["event", "fast"])
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("block", TILES)
def test_custom_instructions_of_the_blocks(block, side, engine):
    """By the tables; and the cycles of a whole block on either engine are those of its instructions."""
    tiles = sum(TILES[block][side])
    w_fp32, w_int8, streams, sums = PER_TILE[side]
    for weights, w, millions in zip(("fp32", "int8"), (w_fp32, w_int8), PER_BLOCK[block][side], strict=True):
        assert round(tiles * (w + streams) / 1e6, 1) == millions
        figures = simulate(shape_program(f"sasp-{block}"), machine(side, weights), engine).figures
        assert figures["busy_cycles"] == tiles * (6 * (w + streams) + 10 * sums)


def test_interleaved_format():
    # K = 40 on 8 rows: 5 tiles a column, one word of bitmap behind the word of the length; 2 columns of tiles
    alive = np.ones((5, 2), bool)
    alive[:, 1] = False
    hardware = machine(8)
    masked = Gemm("masked", 16, 40, 16, TileMask(alive, (8, 8), (40, 16)))
    whole = Gemm("half", 16, 40, 8)
    ours, half = (simulate(Program((op,)), hardware).figures for op in (masked, whole))
    assert ours["passes"] == half["passes"] == 5
    assert ours["busy_cycles"] == half["busy_cycles"]
    assert ours["mask_bits"] == 10
    lines = 2  # one of 64 bytes for each column's two words
    assert ours["dram_read_bytes"] - half["dram_read_bytes"] == 64 * lines
    looking = 2 * 2 * (3 + 2) + 10 * 3  # two words a column loaded in a loop, ten bits tested
    line_cycles = 32 + 4  # 31.7 ns at 1 GHz, then 64 bytes at 19.2 a cycle
    assert ours["stall_cycles"] - half["stall_cycles"] == looking + lines * line_cycles


@pytest.mark.parametrize("case", INFERRED, ids=str)
def test_the_headline_beside_what_was_inferred_from_it(case):
    weights, feed_forward, attention = case
    for side, inferred in zip(SIDES, INFERRED[case], strict=True):
        dense = simulate(shape_program("sasp-librispeech"), machine(side)).cycles
        pruned = simulate(_pruned(side, feed_forward, attention), machine(side, weights)).cycles
        assert dense / pruned == pytest.approx(inferred, abs=0.011)


def _pruned(side, feed_forward, attention):
    """An exact share of random tiles of each weight killed, as the released kernel fills them."""
    program, chance = shape_program("sasp-librispeech"), np.random.default_rng(0)

    def masked(op):
        if not isinstance(op, Gemm) or not op.stationary_known:
            return op
        ratio = feed_forward if op.name.startswith("feed_forward") else attention
        shape = (-(-op.k // side), -(-op.n // side))
        alive = np.ones(shape[0] * shape[1], bool)
        alive[chance.permutation(alive.size)[: round(ratio * alive.size)]] = False
        return replace(op, tiles=TileMask(alive.reshape(shape), (side, side), (op.k, op.n)) if ratio else None)

    return replace(program, ops=tuple(masked(op) for op in program.ops))
