"""Is the memory tight: ready at t and not at t - 1, slabs two deep, outputs written in their turn?"""

import pytest
from simpy import Environment

from hw_models import Hardware, Program, simulate
from hw_models.engine.event import Watch, run_one
from hw_models.program import Gemm
from hw_models.units.dram import FlatDram
from hw_models.units.meter import Meter

ENGINES = ("event", "fast")
# 1 GHz, so that a nanosecond is a cycle; 2 bytes a cycle behind 10 cycles of latency
SMALL = Hardware.load("edge16").with_(
    clock_mhz=1000,
    **{
        "array.size": 2, "array.overlap": "serial", "array.activation_format": "int8", "sparsity.kind": "none",
        "dram.bandwidth_gb_s": 2.0, "dram.latency_ns": 10.0,
    },
)  # fmt: skip


def finished(env, process, at):
    env.run(until=at)
    return process.processed


@pytest.mark.parametrize(("size", "cycles"), [(1, 11), (2, 11), (3, 12), (64, 42)])
def test_a_request_is_ready_at_t_and_not_before(size, cycles):
    env = Environment()
    process = env.process(FlatDram(env, SMALL.dram, SMALL, Meter()).read(0, size))
    assert not finished(env, process, cycles)  # SimPy runs what happens before `until`
    assert finished(env, process, cycles + 1)


def test_requests_take_turns():
    env = Environment()
    dram = FlatDram(env, SMALL.dram, SMALL, Meter())
    processes = [env.process(dram.read(0, 20)), env.process(dram.write(0, 20))]
    env.run(processes[0])
    assert env.now == 20
    env.run(processes[1])
    assert env.now == 40


@pytest.mark.parametrize("engine", ENGINES)
def test_one_step_by_hand(engine):
    # 3x2x2 in int8: activations 6 bytes (13 cycles), weights 4 (12), then load 2, stream 3, D 2, outputs 6 bytes (13)
    cost = simulate(Program.of_gemm(3, 2, 2), SMALL, engine)
    assert cost.cycles == 13 + 12 + (2 + 3 + 2) + 13
    assert cost.figures["busy_cycles"] == 7
    assert cost.figures["stall_cycles"] == 38


@pytest.mark.parametrize("engine", ENGINES)
def test_latencies_of_sram_and_accumulators_stand_once_before_an_output(engine):
    slow = SMALL.with_(**{"array.sram_read_cycles": 3, "array.accumulate_cycles": 4})
    assert simulate(Program.of_gemm(3, 2, 2), slow, engine).cycles == 13 + 12 + (2 + 3 + 2) + 7 + 13


@pytest.mark.parametrize("engine", ENGINES)
def test_slabs_two_deep_by_hand(engine):
    # Half of the weight buffer holds 8 bytes, so K = 4, N = 8 is cut into four steps of two columns; 3 tokens stay.
    # Activations 12 bytes: 16 cycles. Weights of a step 8 bytes: 14. A step: two passes of 2 + 3 + 2. Outputs 6: 13.
    hardware = SMALL.with_(**{"buffers.weight.size_kib": 16 / 1024, "buffers.activation.size_kib": 1})
    spans = _spans(Gemm("product", 3, 4, 8), hardware)
    assert spans["weight slab"] == [(16, 30), (30, 44), (44, 58), (71, 85)]
    # step 0 is ready at 30 and has left its operands when its last stream ends, at 30 + 7 + 5 = 42: step 2 is fetched
    # behind step 1; its sums are out at 44 and written when the fetch of step 2 has ended: 58 to 71; then step 3.
    # Step 3 has its operands at 85, but the half of its output is that of step 1, written at 98: 98 + 14 = 112
    assert spans["write"] == [(58, 71), (85, 98), (98, 111), (112, 125)]
    assert simulate(Program.of_gemm(3, 4, 8), hardware, engine).cycles == 125


def _spans(gemm, hardware):
    watch = Watch(hardware, timeline=True)
    run_one(gemm, hardware, watch)
    spans = {}
    for span in (*watch.shared.spans, *watch.arrays[0].spans):
        spans.setdefault(span.name, []).append((span.start_cycle, span.end_cycle))
    return spans


@pytest.mark.parametrize("engine", ENGINES)
def test_an_output_waits_until_the_one_two_before_is_written(engine):
    # a DRAM of one byte a thousand cycles: everything waits for it, and the array never overtakes the third output
    hardware = SMALL.with_(**{"dram.bandwidth_gb_s": 0.001, "dram.latency_ns": 0, "buffers.output.size_kib": 16 / 1024})
    figures = simulate(Program.of_gemm(1, 2, 16), hardware, engine).figures
    assert figures["cycles"] >= 1000 * (figures["dram_read_bytes"] + figures["dram_write_bytes"])


def test_the_next_operation_begins_behind_the_last_byte_written():
    both = Program((Gemm("a", 3, 2, 2), Gemm("b", 3, 2, 2)))
    assert simulate(both, SMALL).cycles == 2 * simulate(Program.of_gemm(3, 2, 2), SMALL).cycles
