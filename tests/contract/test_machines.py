"""Does every machine that ships load, name its sources, run, and keep what every machine promises?"""

import pytest

from hw_models import Hardware, Program, simulate
from hw_models.energy import area, prices_of
from hw_models.machine_file import shipped_machines

MACHINES = shipped_machines()
SETTABLE = ("array.rows", "array.cols", "clock_mhz")


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_names_itself_and_its_sources(name):
    machine = Hardware.load(name)
    assert machine.name == name
    assert machine.description
    assert machine.sources


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_runs_within_its_bounds_and_names_its_energy(name):
    machine = Hardware.load(name)
    cost = simulate(Program.of_gemm(m=64, k=96, n=80), machine)
    bounds = cost.as_dict()["bounds"]
    assert cost.cycles >= max(bounds["compute_cycles"], bounds["memory_cycles"]) > 0
    assert 0 < cost.utilization <= 1
    energy = cost.energy.as_dict()
    assert energy["mac"] > 0
    assert energy["leakage"] > 0
    assert energy["total"] == pytest.approx(sum(energy.values()) / 2)
    assert area(machine).array_mm2 > 0
    assert str(machine.energy.node_nm) in prices_of(machine).source


@pytest.mark.parametrize("name", MACHINES)
@pytest.mark.parametrize("field", SETTABLE)
def test_fields_of_the_contract_exist_on_every_machine(name, field):
    assert Hardware.load(name).with_(**{field: 32})


def test_the_machines_that_were_asked_for_ship():
    sasp = {f"sasp{side}-{weights}" for side in (4, 8, 16, 32) for weights in ("fp32", "int8")}
    assert {"edge8", "edge16", "edge32", "gemmini16", "tpuv1", "tpuv4i", *sasp} <= set(MACHINES)
