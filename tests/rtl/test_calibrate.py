"""Table sg13g2 of hw_models is what results/synth says, and gives back what was synthesised and switched."""

import json

import numpy as np
import pytest

from hw_models import Hardware, Program, simulate
from hw_models.energy import area
from hw_models.energy.table import table
from rtl.bench.model import FORMATS
from rtl.syn.calibrate import RESULTS, rows


def test_the_table_is_made_of_the_results():
    shipped = table("sg13g2")
    for _, quantity, key, node, value, _, _ in rows():
        assert shipped.at(quantity, key, node) == float(value)


@pytest.mark.parametrize("side", [4, 8, 16])
@pytest.mark.parametrize("name", ["int8", "hybrid"])
def test_area_is_that_of_the_synthesised_array(name, side):
    made = {row["design"]: row["area_um2"] for row in _results("ihp-sg13g2")["designs"]}
    assert area(_machine(name, side)).array_mm2 == pytest.approx(made[f"array-{name}-{side}x{side}"] / 1e6, rel=0.02)


@pytest.mark.parametrize(
    ("name", "side", "near"),
    [
        ("int8", 8, 0.001),  # the table was made of this one and the next two
        ("hybrid", 4, 0.001),
        ("fp32", 4, 0.001),
        ("hybrid", 8, 0.04),  # and foretells this one
    ],
)
def test_energy_and_what_skipping_saves_are_those_of_the_gates(name, side, near):
    runs = _results("power-ihp-sg13g2")["arrays"][f"array-{name}-{side}x{side}"]
    gates = [runs[label]["energy_pj"]["total"] for label in ("dense", "half_dead")]
    machine = _machine(name, side)
    model = []
    for mask in (None, np.arange(36).reshape(6, 6) % 2 == 0):
        tile = None if mask is None else (side, side)
        energy = simulate(Program.of_gemm(32, 6 * side, 6 * side, mask, tile), machine).energy
        model.append(energy.mac_pj + energy.register_pj)
    assert model[0] == pytest.approx(gates[0], rel=near)
    assert gates[1] / gates[0] == pytest.approx(model[1] / model[0], abs=0.01)


def _machine(name, side):
    activation, weight = FORMATS[name]
    formats = {"array.activation_format": activation, "array.weight_format": weight}
    return Hardware.load("rtl_ws").with_(**{"array.size": side}, **formats)


def _results(name):
    return json.loads((RESULTS / f"{name}.json").read_text())
