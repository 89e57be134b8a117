"""rtl/top_os.sv, the output-stationary variant, against numpy and hw_models: dense, serial and double buffered."""

import numpy as np
import pytest

from rtl.bench import icarus as bench
from rtl.bench.checker import mismatches
from rtl.bench.icarus import Trial, operands
from rtl.bench.job import Machine
from rtl.bench.job_os import OutputStationaryJob

MACHINES = [
    (Machine(4, 4), 30, 20),
    (Machine(5, 2), 20, 20),
    (Machine(1, 1), 20, 8),
    (Machine(2, 3, format="hybrid"), 12, 10),
]


@pytest.mark.parametrize(("machine", "cases", "largest"), MACHINES, ids=str)
def test_numbers_and_cycles_of_random_products(icarus, tmp_path, machine, cases, largest):
    chance = np.random.default_rng(machine.rows)
    trials = []
    for _ in range(cases):
        m, k, n = (int(size) for size in chance.integers(1, [largest + 1] * 3))
        overlap = str(chance.choice(["serial", "double_buffered"]))
        job = OutputStationaryJob(machine, *operands(machine, m, k, n, chance), overlap)
        trials.append(Trial(job, float(chance.choice([0.5, 1.0])), float(chance.choice([0.5, 1.0]))))
    assert mismatches(trials, bench.simulate(machine, trials, tmp_path)) == []


def test_a_wrong_job_raises_its_flag_and_the_next_one_runs(icarus, tmp_path):
    machine = Machine(2, 3)
    good = Trial(OutputStationaryJob(machine, *operands(machine, 3, 5, 4, np.random.default_rng(0))))
    words = good.job.streams()
    trials = [
        (Trial(good.job, fields={"m": 0}), 0b001),
        (Trial(good.job, fields={"m": 5}), 0b001),  # more rows than its tiles hold
        (Trial(good.job, streams={"act": words["act"][:-1]}), 0b010),
        (Trial(good.job, streams={"weight": [*words["weight"], 0]}), 0b100),
        (good, 0),
    ]
    outcomes = bench.simulate(machine, [trial for trial, _ in trials], tmp_path)
    assert [outcome.error for outcome in outcomes] == [error for _, error in trials]
    assert mismatches([good], outcomes[-1:]) == []
