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
