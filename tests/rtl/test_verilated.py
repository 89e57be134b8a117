"""Real sizes on the 8x8 RTL, by Verilator: a pruned layer of the speech model, and a projection of ViT-Base."""

from pathlib import Path

import numpy as np
import pytest

from rtl.bench import verilated
from rtl.bench.checker import complaint
from rtl.bench.icarus import Trial, operands
from rtl.bench.job import Job, Machine
from rtl.bench.model import cost

LAYER = Path(__file__).parents[1] / "data" / "rtl" / "speech_layer.npz"  # made by python -m rtl.bench.speech_layer
MACHINE = Machine(8, 8, size_bits=8, tile_bits=8, memory_bits=17)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("verilated")]


@pytest.fixture(scope="module")
def executable(verilator, tmp_path_factory):
    return verilated.build(MACHINE, tmp_path_factory.mktemp("verilated"))


@pytest.fixture(scope="module")
def layer():
    return dict(np.load(LAYER, allow_pickle=False))


def test_a_pruned_layer_of_the_speech_model_is_the_quantised_torch_layer(executable, layer, tmp_path):
    trial = Trial(Job(MACHINE, layer["a"], layer["b"], layer["mask"]), 0.8, 0.8)
    outcome, _ = verilated.simulate(executable, trial, tmp_path)
    assert complaint(trial, outcome) is None  # numpy's numbers, the simulator's cycles
    assert (outcome.results == layer["sums"]).all()  # torch's integers
    real = outcome.results * layer["scale"] + layer["bias"]  # and the layer in real numbers, but for float32's rounding
    np.testing.assert_allclose(real, layer["output"], rtol=0, atol=1e-6 * np.abs(layer["output"]).max())


def test_dead_tiles_of_the_speech_layer_save_what_the_simulator_says(executable, layer, tmp_path):
    pruned, dense = (
        Trial(Job(MACHINE, layer["a"], layer["b"], mask)) for mask in (layer["mask"], np.ones_like(layer["mask"]))
    )
    saved = [verilated.simulate(executable, trial, tmp_path)[0].busy_cycles for trial in (dense, pruned)]
    assert saved[0] - saved[1] == cost(dense.job).cycles - cost(pruned.job).cycles
    bits = layer["mask"].T.ravel()
    first_search = int(np.argmax(bits)) // MACHINE.scan_bits  # cycles beyond the first, which nothing hides
    # Double buffered, m > rows: a pass is m cycles, and every other search lies behind one.
    assert saved[0] - saved[1] == int((~bits).sum()) * layer["a"].shape[0] - first_search


def test_a_projection_of_vit_base_half_dead(executable, tmp_path):
    chance = np.random.default_rng(0)
    job = Job(MACHINE, *operands(MACHINE, 196, 768, 768, chance))
    trial = Trial(Job(MACHINE, job.a, job.b, chance.random(job.tiles) < 0.5))
    outcome, _ = verilated.simulate(executable, trial, tmp_path)
    assert complaint(trial, outcome) is None
