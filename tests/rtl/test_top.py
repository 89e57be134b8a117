"""rtl/top.sv against numpy, bit for bit, and hw_models, cycle for cycle: any size, mask, overlap and throttling."""

import os

import numpy as np
import pytest

from rtl.bench import icarus as bench
from rtl.bench.checker import mismatches
from rtl.bench.icarus import Trial, operands, random_trial
from rtl.bench.job import OVERLAPS, Job, Machine

SINGLE = OVERLAPS[:2]
MORE = int(os.environ.get("CODESIGN_RTL_CASES", "1"))  # so many times the cases
MACHINES = [
    # machine, cases, largest size, overlaps
    (Machine(4, 4), 60, 20, OVERLAPS),
    (Machine(8, 8, scan_bits=16), 40, 40, OVERLAPS),
    (Machine(3, 5, stages=3, scan_bits=1), 50, 20, OVERLAPS),
    (Machine(1, 1, scan_bits=2), 50, 12, OVERLAPS),
    (Machine(1, 6, scan_bits=4), 30, 15, OVERLAPS),
    (Machine(6, 1, stages=2), 30, 15, OVERLAPS),
    (Machine(4, 4, port_bits=16), 50, 20, OVERLAPS),
    (Machine(5, 3, port_bits=12, stages=2, scan_bits=2), 40, 14, OVERLAPS),
    (Machine(4, 4, double_buffered=False), 40, 20, SINGLE),
    (Machine(4, 2, format="hybrid", stages=3), 30, 12, OVERLAPS),
    (Machine(4, 4, format="hybrid", port_bits=32, double_buffered=False), 30, 12, SINGLE),  # SASP's array
    (Machine(2, 3, format="fp32", stages=2), 30, 8, OVERLAPS),
]


@pytest.mark.parametrize(("machine", "cases", "largest", "overlaps"), MACHINES, ids=lambda value: _name(value))
def test_numbers_and_cycles_of_random_products(icarus, tmp_path, machine, cases, largest, overlaps):
    chance = np.random.default_rng([machine.rows, machine.cols, machine.stages])
    trials = [random_trial(machine, chance, overlaps, largest) for _ in range(cases * MORE)]
    assert mismatches(trials, bench.simulate(machine, trials, tmp_path)) == []


def _name(value):
    if not isinstance(value, Machine):
        return ""
    parts = [f"{value.rows}x{value.cols}", value.format, f"L{value.stages}", f"scan{value.scan_bits}"]
    return "-".join(
        parts + [f"port{value.port_bits}"] * bool(value.port_bits) + ["single"] * (not value.double_buffered)
    )


PLAIN = Machine(4, 4, scan_bits=4)


def _job(mask=None, overlap="serial", machine=PLAIN):
    return Job(machine, *operands(machine, 5, 12, 10, np.random.default_rng(0)), mask, overlap)


def test_a_dead_column_of_tiles_costs_its_bits_and_reads_as_zeros(icarus, tmp_path):
    mask = np.ones((3, 3), bool)
    mask[:, 1] = False
    live, dead = Trial(_job(np.ones((3, 3), bool))), Trial(_job(mask))
    both = bench.simulate(live.job.machine, [live, dead], tmp_path)
    assert mismatches([live, dead], both) == []
    assert not both[1].results[:, 4:8].any()
    per_pass = 4 + 5 + 4 + 4 - 2  # R + M + D
    assert both[0].busy_cycles - both[1].busy_cycles == 3 * per_pass


def test_throttling_both_ends_changes_no_cycle(icarus, tmp_path):
    trials = [Trial(_job(overlap="double_buffered"), pace, pace) for pace in (1.0, 0.2)]
    fast, slow = bench.simulate(trials[0].job.machine, trials, tmp_path)
    assert fast.busy_cycles == slow.busy_cycles
    assert (fast.results == slow.results).all()


def test_a_wrong_job_raises_its_flag_and_the_next_one_runs(icarus, tmp_path):
    mask = np.ones((3, 3), bool)
    good = Trial(_job(mask))
    words = good.job.bitmap_words()
    trials = [
        (Trial(_job(mask), streams={"bitmap": words[:-1]}), 0b00100),  # a bitmap that is too short
        (Trial(_job(mask), streams={"bitmap": [*words, 0]}), 0b00100),  # and one too long
        (Trial(_job(mask), fields={"m": 0}), 0b01001),  # no rows: and then there are too many activations
        (Trial(_job(mask), fields={"last_rows": 5}), 0b00001),
        (Trial(_job(mask), fields={"k_tiles": 2}), 0b01100),
        (Trial(_job(mask), streams={"bitmap": [0xE, *words[1:]]}), 0b10000),  # a tile fewer than weights have come for
        (good, 0),
    ]
    outcomes = bench.simulate(good.job.machine, [trial for trial, _ in trials], tmp_path)
    assert [outcome.error for outcome in outcomes] == [error for _, error in trials]
    assert mismatches([good], outcomes[-1:]) == []


def test_double_buffering_is_refused_by_an_array_without(icarus, tmp_path):
    machine = Machine(4, 4, double_buffered=False)
    trials = [Trial(_job(None, overlap, machine)) for overlap in OVERLAPS]
    assert [outcome.error for outcome in bench.simulate(machine, trials, tmp_path)] == [0, 0, 2, 2]


class _FewBits(Machine):
    """A machine whose bitmap has room for four tiles."""

    bitmap_addr_bits = 2


def test_more_tiles_than_the_bitmap_has_room_for_are_refused_even_without_a_mask(icarus, tmp_path):
    machine = _FewBits(4, 4, scan_bits=1)
    chance = np.random.default_rng(0)
    trials = [Trial(Job(machine, *operands(machine, 3, 8, n, chance))) for n in (8, 12)]
    assert [outcome.error for outcome in bench.simulate(machine, trials, tmp_path)] == [0, 1]
