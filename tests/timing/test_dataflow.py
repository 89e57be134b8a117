"""Does every dataflow take the closed forms of docs/timing.md, on both engines, to the cycle?"""

from math import ceil

import numpy as np
import pytest

from hw_models import Hardware, Program, simulate

ON_CHIP = Hardware.load("edge16").with_(dram=None, buffers=None, **{"sparsity.kind": "none"})
ENGINES = ("event", "fast")


def machine(rows, cols, dataflow="weight_stationary", overlap="serial", **fields):
    return ON_CHIP.with_(
        **{"array.rows": rows, "array.cols": cols, "array.dataflow": dataflow, "array.overlap": overlap, **fields}
    )


def cycles(hardware, m, k, n, engine="fast", **mask):
    return simulate(Program.of_gemm(m, k, n, **mask), hardware, engine).cycles


# SCALE-Sim v2's demand matrices, counted (R, C, M, K, N): weight, output, input stationary
SCALE_SIM = {
    (4, 4, 8, 4, 4): (18, 20, 28),
    (8, 8, 128, 512, 2048): (2_457_600, 2_154_496, 2_119_680),
    (8, 4, 100, 16, 8): (472, 676, 1300),
    (16, 16, 128, 64, 32): (1392, 1504, 2496),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("size", SCALE_SIM, ids=str)
def test_serial_is_scale_sims_fold_law(size, engine):
    rows, cols, m, k, n = size
    for dataflow, expected in zip(("weight", "output", "input"), SCALE_SIM[size], strict=True):
        if engine == "event" and expected > 10_000:
            continue
        assert cycles(machine(rows, cols, f"{dataflow}_stationary"), m, k, n, engine) == expected


# Measured on an 8x8 array in SystemVerilog, 64x64x64, one cycle of SRAM before and one of accumulation behind
MEASURED = {"serial": 5506, "wavefront": 4624, "double_buffered": 4120, "double_buffered_global": 5002}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("overlap", MEASURED)
def test_overlaps_equal_what_was_measured_on_an_array_in_verilog(overlap, engine):
    rtl = machine(8, 8, overlap=overlap, **{"array.sram_read_cycles": 1, "array.accumulate_cycles": 1})
    assert cycles(rtl, 64, 64, 64, engine) == MEASURED[overlap]


def test_a_large_layer_equals_what_was_measured():
    rtl = {"array.sram_read_cycles": 1, "array.accumulate_cycles": 1}
    assert cycles(machine(8, 8, overlap="serial", **rtl), 196, 768, 768) == 2_009_090
    assert cycles(machine(8, 8, overlap="double_buffered", **rtl), 196, 768, 768) == 1_806_360
    assert cycles(machine(16, 16, overlap="double_buffered", **rtl), 196, 768, 768) == 451_632
    assert cycles(machine(32, 32, overlap="double_buffered", **rtl), 196, 768, 768) == 112_992


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("stages", [1, 4])
@pytest.mark.parametrize(("m", "k", "n"), [(20, 24, 12), (3, 24, 12), (8, 8, 4)])
def test_closed_forms_of_every_dataflow_and_overlap(m, k, n, stages, engine):
    rows, cols = 8, 4
    depth = rows * stages + cols - 2
    for dataflow, passes, stream in (
        ("weight_stationary", ceil(k / rows) * ceil(n / cols), m),
        ("input_stationary", ceil(k / rows) * ceil(m / cols), n),
    ):
        expected = {
            "serial": passes * (rows + stream + depth),
            "wavefront": passes * (rows + stream) + depth,
            "double_buffered": rows + (passes - 1) * max(stream, rows) + stream + depth,
            "double_buffered_global": rows + (passes - 1) * max(stream + depth, rows) + stream + depth,
        }
        for overlap, cost in expected.items():
            hardware = machine(rows, cols, dataflow, overlap, **{"array.pe_stages": stages})
            assert cycles(hardware, m, k, n, engine) == cost, (dataflow, overlap)
    passes, depth = ceil(m / rows) * ceil(n / cols), rows + cols - 2 + stages - 1
    expected = {
        "serial": passes * (k + depth),
        "double_buffered": (passes - 1) * max(k, rows) + k + depth,
    }
    for overlap, cost in expected.items():
        hardware = machine(rows, cols, "output_stationary", overlap, **{"array.pe_stages": stages})
        assert cycles(hardware, m, k, n, engine) == cost, overlap


@pytest.mark.parametrize("engine", ENGINES)
def test_ragged_edges_load_in_full_or_exactly(engine):
    # k = 10 on 8 rows: tiles of 8 and 2 rows; one column of tiles; 5 tokens; D = 8 + 4 - 2 = 10
    assert cycles(machine(8, 4), 5, 10, 4, engine) == 2 * (8 + 5 + 10)
    assert cycles(machine(8, 4, **{"array.ragged": "exact"}), 5, 10, 4, engine) == (8 + 5 + 10) + (2 + 5 + 10)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_narrow_port_stretches_loads_and_streams_but_not_the_depth(engine):
    # fp32 activations on 4 rows: 128 bits a row, 4 words of 32; int8 weights on 8 columns: 64 bits, 2 words
    hardware = machine(4, 8, **{"array.port_bits": 32})
    assert cycles(hardware, 6, 4, 8, engine) == 4 * 2 + 6 * 4 + (4 + 8 - 2)


@pytest.mark.parametrize("engine", ENGINES)
def test_narrow_banks_stretch_like_a_narrow_port(engine):
    # one bank of 64 bits serves the array while the other is filled: 128 bits of activations take 2 cycles
    memory = {"dram.latency_ns": 0, "dram.bandwidth_gb_s": 1e6}
    edge = Hardware.load("edge16").with_(**{"array.rows": 4, "array.cols": 8, "array.overlap": "serial", **memory})
    narrow = edge.with_(**{"buffers.activation.width_bits": 64})
    both = [simulate(Program.of_gemm(6, 4, 8), one, engine).figures["busy_cycles"] for one in (edge, narrow)]
    assert both == [4 + 6 + 10, 4 + 6 * 2 + 10]


@pytest.mark.parametrize("engine", ENGINES)
def test_row_skip_packs_live_rows(engine):
    # 12 rows in one column of tiles of 4: 5 live rows make 2 passes instead of 3
    alive = np.zeros((12, 1), bool)
    alive[[0, 3, 5, 8, 11]] = True
    hardware = machine(4, 4, **{"sparsity.kind": "row_skip"})
    cost = simulate(Program.of_gemm(7, 12, 4, alive, (1, 4)), hardware, engine)
    assert cost.cycles == 2 * (4 + 7 + 6)
    assert (cost.figures["passes"], cost.figures["passes_skipped"]) == (2, 1)
    assert cost.figures["macs_skipped"] == 7 * 7 * 4


@pytest.mark.parametrize("engine", ENGINES)
def test_two_of_four_halves_the_reduction(engine):
    alive = np.zeros((16, 4), bool)
    alive[0::4] = alive[3::4] = True
    hardware = machine(4, 4, **{"sparsity.kind": "n_m"})
    program = Program.of_gemm(7, 16, 4, alive, (1, 1))
    assert simulate(program, hardware, engine).cycles == 2 * (4 + 7 + 6)
    alive[1, 2] = True  # three of four live in one column: nothing can be compressed
    cost = simulate(Program.of_gemm(7, 16, 4, alive, (1, 1)), hardware, engine)
    assert cost.cycles == 4 * (4 + 7 + 6)
    assert "saves nothing" in cost.notes[0]


@pytest.mark.parametrize("engine", ENGINES)
def test_dead_steps_shorten_the_streams_of_output_and_input_stationary_arrays(engine):
    # output stationary: 10 steps of which 6 live, two tiles of rows; 1 cycle to find the column, D = 4 + 4 - 2
    alive = np.arange(10)[:, None] < 6
    skip = {"sparsity.kind": "tile_skip", "sparsity.scan_bits": 16}
    hardware = machine(4, 4, "output_stationary", **skip)
    assert cycles(hardware, 8, 10, 4, engine, mask=alive, tile=(1, 4)) == 1 + 2 * (6 + 6)
    # input stationary: 10 columns of which 6 live, K in one tile, tokens in two
    hardware = machine(4, 4, "input_stationary", **skip)
    assert cycles(hardware, 8, 4, 10, engine, mask=alive.T, tile=(4, 1)) == 1 + 2 * (4 + 6 + 6)
    # a gate that sees 1 bit a cycle must see all 10 while the stream lasts
    slow = machine(4, 4, "output_stationary", **{**skip, "sparsity.scan_bits": 1})
    assert cycles(slow, 8, 10, 4, engine, mask=alive, tile=(1, 4)) == 1 + 2 * (10 + 6)
