"""What a DRAM with banks takes, worked by hand: hits, misses, conflicts, hidden openings, refresh, whole bursts."""

import pytest
from simpy import Environment

from hw_models import Hardware, Program, simulate
from hw_models.engine.fast.recurrence import READ_BYTES, banked_request
from hw_models.engine.fast.survey import Survey
from hw_models.machine_file import SHIPPED
from hw_models.program import Gemm
from hw_models.sparsity import product_of
from hw_models.units.banked_dram import BankedDram
from hw_models.units.meter import Meter

# 1 GHz; 4 bytes a cycle; rows of 32 bytes in bursts of 8, two banks; tRCD 5, tRP 7, tCL 3, no other latency
BANKS = {
    "channels": 1, "banks": 2, "row_bytes": 32, "burst_bytes": 8, "activate_ns": 5.0, "precharge_ns": 7.0,
    "column_ns": 3.0, "refresh_interval_ns": 1000.0, "refresh_ns": 50.0,
}  # fmt: skip
MACHINE = Hardware.load("edge16").with_(
    clock_mhz=1000, **{"dram.bandwidth_gb_s": 4.0, "dram.latency_ns": 0, "dram.banks": BANKS}
)


def by_event(requests, hardware):
    env, ends = Environment(), []
    dram = BankedDram(env, hardware.dram, hardware.dram.banks, hardware, Meter())
    for start, address, size in requests:
        env.run(env.timeout(max(0, start - env.now)))
        env.run(env.process(dram.read(address, size)))
        ends.append(env.now)
    return ends


def by_recurrence(requests, hardware):
    survey = Survey.of(product_of(Gemm("any", 1, 1, 1), hardware), hardware)
    memory, rules, now, ends = survey.memory(), survey.rules(), 0, []
    for start, address, size in requests:
        now = banked_request(memory, rules, max(now, start), address, size, READ_BYTES)
        ends.append(now)
    return ends


CASES = {
    "a miss: tRCD + tCL + 2 cycles a burst": ([(0, 0, 8)], [10]),
    "a hit in the open row: tCL + 2": ([(0, 0, 8), (0, 8, 8)], [10, 15]),
    "a conflict: row 2 lies in bank 0 like row 0: tRP + tRCD + tCL + 2": ([(0, 0, 8), (0, 64, 8)], [10, 27]),
    "another bank: no precharge": ([(0, 0, 8), (0, 32, 8)], [10, 20]),
    "an opening is hidden behind the row before: 8 + 8 cycles of data": ([(0, 0, 64)], [8 + 8 + 8]),
    "a short row hides only its own length: 2 of 5": ([(0, 24, 16)], [8 + 2 + 3 + 2]),
    "an unaligned request moves whole bursts": ([(0, 7, 2)], [8 + 4]),
    "a refresh at 1000 blocks for 50 and closes the row": ([(0, 0, 8), (1000, 0, 8)], [10, 1060]),
    "one that began while idle is half over": ([(0, 0, 8), (1020, 0, 8)], [10, 1060]),
    "one that is over leaves the rows closed": ([(0, 0, 8), (1200, 0, 8)], [10, 1210]),
    "two missed ones": ([(0, 0, 8), (2010, 0, 8)], [10, 2060]),
}


@pytest.mark.parametrize("run", [by_event, by_recurrence])
@pytest.mark.parametrize("case", CASES)
def test_requests_by_hand(case, run):
    requests, ends = CASES[case]
    assert run(requests, MACHINE) == ends


@pytest.mark.parametrize("run", [by_event, by_recurrence])
def test_one_bank_hides_nothing(run):
    single = MACHINE.with_(**{"dram.banks.banks": 1})
    assert run([(0, 0, 64)], single) == [8 + 8 + (7 + 5) + 8]


@pytest.mark.parametrize("run", [by_event, by_recurrence])
def test_channels_run_in_step(run):
    # two channels: a wide burst is 16 bytes, a wide row 64; bandwidth is that of all channels
    double = MACHINE.with_(**{"dram.banks.channels": 2})
    assert run([(0, 0, 64), (0, 64, 1)], double) == [8 + 16, 24 + 8 + 4]


@pytest.mark.parametrize("name", sorted(path.stem for path in (SHIPPED / "dram").glob("*.yaml")))
def test_presets_run_alike_on_both_engines_and_come_near_their_peak(name):
    hardware = Hardware.load("edge16").with_(**{"dram.preset": name})
    program = Program.of_gemm(30, 512, 512)
    event, fast = (simulate(program, hardware, engine) for engine in ("event", "fast"))
    assert (event.table == fast.table).all()
    bound = fast.figures["bound_memory_cycles"]
    assert fast.figures["dram_activates"] > 0
    assert bound <= fast.figures["stall_cycles"] + fast.figures["busy_cycles"]
