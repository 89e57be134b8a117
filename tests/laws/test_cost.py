"""What every run obeys, under the conditions that docs/timing.md names."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from hw_models import Gemm, Hardware, HostOp, Program, TileMask, simulate
from hw_models.sparsity import product_of
from hw_models.testing import gemms, machines, tight_machines

SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much]
BUFFERS = ("activation", "weight", "output")


def run(gemm, hardware, engine="auto"):
    try:
        return simulate(Program((gemm,)), hardware, engine).figures
    except ValueError as error:
        assume("half of buffers" not in str(error))
        raise


def either(data, **kinds):
    """A loosely coupled machine, or one in five times a core that feeds an array."""
    return data.draw(machines(**kinds) if data.draw(st.integers(0, 4)) else tight_machines())


@settings(max_examples=300, deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_no_run_beats_its_bounds_and_every_cycle_is_accounted_for(data):
    hardware = either(data)
    gemm = data.draw(gemms(hardware))
    cost = simulate_or_reject(gemm, hardware)
    figures = cost.figures
    assert figures["cycles"] >= max(figures["bound_compute_cycles"], figures["bound_memory_cycles"])
    assert 0 <= cost.utilization <= 1
    assert figures["cycles"] == figures["busy_cycles"] + figures["stall_cycles"] + figures["host_cycles"]
    assert min(figures.values()) >= 0
    assert 0 <= figures["macs_skipped"] <= figures["macs"] == gemm.macs


def simulate_or_reject(gemm, hardware):
    try:
        return simulate(Program((gemm,)), hardware)
    except ValueError as error:
        assume("half of buffers" not in str(error))
        raise


@settings(max_examples=400, deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_killing_a_tile_adds_no_cycle_and_no_byte(data):
    hardware = either(data, banks=False)
    gemm = data.draw(gemms(hardware, masked=True))
    alive = gemm.tiles.alive.copy()
    assume(alive.any())
    places = np.argwhere(alive)
    for place in data.draw(st.sets(st.integers(0, len(places) - 1), min_size=1, max_size=4)):
        alive[tuple(places[place])] = False
    fewer = replace(gemm, tiles=TileMask(alive, gemm.tiles.tile, gemm.tiles.shape))
    if hardware.sparsity.kind == "n_m":  # the first mask that fits brings selectors and wider activations
        assume(product_of(gemm, hardware).kept == product_of(fewer, hardware).kept)
    before, after = run(gemm, hardware), run(fewer, hardware)
    for name in ("cycles", "busy_cycles", "passes", "dram_read_bytes", "dram_write_bytes", "mask_bits"):
        assert after[name] <= before[name], name
    for buffer in BUFFERS:
        assert after[f"{buffer}_sram_read_bytes"] <= before[f"{buffer}_sram_read_bytes"]
    assert after["macs_skipped"] >= before["macs_skipped"]


@settings(max_examples=150, deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_a_mask_of_ones_is_dense_plus_what_is_stored_about_it(data):
    hardware = either(data, banks=False)
    gemm = data.draw(gemms(hardware, masked=False))
    tile = (hardware.array.rows, hardware.array.cols)
    ones = np.ones([-(-size // side) for size, side in zip((gemm.k, gemm.n), tile, strict=True)], bool)
    dense, masked = run(gemm, hardware), run(replace(gemm, tiles=TileMask(ones, tile, (gemm.k, gemm.n))), hardware)
    same = ("busy_cycles", "passes", "macs", "macs_skipped", "dram_write_bytes", "activation_sram_read_bytes")
    if hardware.sparsity.kind != "tile_skip" or hardware.array.dataflow == "weight_stationary":
        assert {name: dense[name] for name in same} == {name: masked[name] for name in same}
    assert masked["cycles"] >= dense["cycles"]
    assert masked["dram_read_bytes"] >= dense["dram_read_bytes"]


@settings(max_examples=150, deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_a_faster_memory_takes_no_more_cycles(data):
    hardware = either(data, banks=False)
    assume(hardware.dram)
    gemm = data.draw(gemms(hardware))
    more = data.draw(st.sampled_from([1.01, 1.5, 3.0, 40.0]))
    faster = hardware.with_(**{"dram.bandwidth_gb_s": hardware.dram.bandwidth_gb_s * more})
    assert run(gemm, faster)["cycles"] <= run(gemm, hardware)["cycles"]


@settings(max_examples=150, deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_a_clock_of_twice_or_thrice_takes_no_more_time(data):
    hardware = either(data, banks=False)
    gemm = data.draw(gemms(hardware))
    times = data.draw(st.integers(2, 3))
    faster = hardware.with_(clock_mhz=hardware.clock_khz * times / 1000)
    assert run(gemm, faster)["cycles"] <= times * run(gemm, hardware)["cycles"]


@settings(max_examples=200, deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_bytes_are_conserved_on_their_way(data):
    hardware = data.draw(machines())
    gemm = data.draw(gemms(hardware))
    figures = run(gemm, hardware)
    filled = figures["activation_sram_write_bytes"] + figures["weight_sram_write_bytes"]
    if hardware.dram is None:
        assert filled == figures["dram_read_bytes"] == figures["dram_write_bytes"] == 0
        return
    banks = hardware.dram.banks
    if banks is None:
        assert figures["dram_read_bytes"] == filled
    else:
        assert figures["dram_read_bytes"] >= filled
        assert figures["dram_read_bytes"] % (banks.channels * banks.burst_bytes) == 0
    for buffer in ("activation", "weight"):
        assert figures[f"{buffer}_sram_read_bytes"] >= figures[f"{buffer}_sram_write_bytes"]
    outputs = gemm.m * gemm.n * gemm.repeat
    assert figures["dram_write_bytes"] >= outputs
    assert figures["output_sram_read_bytes"] >= 4 * outputs  # every output leaves once; partial sums stay on the chip


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_a_dead_layer_costs_its_bits_and_its_output(data):
    hardware = data.draw(machines(banks=False))
    assume(hardware.sparsity.kind == "tile_skip")
    gemm = data.draw(gemms(hardware, masked=True))
    dead = replace(gemm, tiles=TileMask(np.zeros_like(gemm.tiles.alive), gemm.tiles.tile, gemm.tiles.shape), repeat=1)
    figures = run(dead, hardware)
    assert figures["passes"] == figures["busy_cycles"] == figures["activation_sram_write_bytes"] == 0
    assert figures["macs_skipped"] == figures["macs"]
    if hardware.dram:
        size = {"int8": 1, "fp16": 2, "fp32": 4}[hardware.array.activation_format]
        assert figures["dram_write_bytes"] == dead.m * dead.n * size
    else:
        assert figures["cycles"] == -(-figures["mask_bits"] // hardware.sparsity.scan_bits)


@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_the_order_of_layers_and_their_repeats_make_no_difference_to_the_total(data):
    hardware = either(data)
    ops = [data.draw(gemms(hardware)) for _ in range(3)] + [HostOp("host", "gelu", 30, repeat=2)]
    try:
        there = simulate(Program(tuple(ops)), hardware)
    except ValueError as error:
        assume("half of buffers" not in str(error))
        raise
    back = simulate(Program(tuple(reversed(ops))), hardware)
    assert there.figures == back.figures
    assert there.energy.total_pj == pytest.approx(back.energy.total_pj)
    apart = [replace(op, repeat=1) for op in ops for _ in range(op.repeat)]
    assert simulate(Program(tuple(apart)), hardware).figures == there.figures
    assert sum(layer.cycles for layer in there.layers) == there.cycles


@settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_several_arrays_do_the_same_work_and_share_one_memory(data):
    hardware = data.draw(machines(arrays=4))
    gemm = data.draw(gemms(hardware))
    several, one = run(gemm, hardware), run(gemm, hardware.with_(arrays=1))
    for name in ("macs", "macs_skipped", "dram_write_bytes"):
        if not (name == "dram_write_bytes" and hardware.dram and hardware.dram.banks):
            assert several[name] == one[name]
    assert several["cycles"] >= max(several["bound_compute_cycles"], several["bound_memory_cycles"])
    if hardware.dram is None and hardware.array.overlap == "serial" and hardware.sparsity.kind == "none":
        assert several["cycles"] <= one["cycles"]


def test_the_meter_changes_no_cycle():
    from hw_models.engine.event import Watch, run_one

    hardware = Hardware.load("edge8").with_(**{"buffers.weight.size_kib": 4, "buffers.activation.size_kib": 8})
    gemm = Gemm("product", 50, 60, 70, TileMask(np.random.default_rng(1).random((8, 9)) < 0.5, (8, 8), (60, 70)))
    plain, watched = (run_one(gemm, hardware, Watch(hardware, timeline)) for timeline in (False, True))
    assert dict(plain) == dict(watched)
