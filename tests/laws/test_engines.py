"""Do the two engines agree in every figure: cycles, bytes, passes, counts, picojoules? On random machines and masks."""

import ast
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import hw_models
from hw_models import Gemm, Hardware, HostOp, Program, TileMask, simulate
from hw_models.cost import FIGURES
from hw_models.machine_file import shipped_machines
from hw_models.testing import gemms, machines, tight_machines

SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much]


def agree(program, hardware):
    """Run both; a mapping that does not fit the buffers is no case."""
    try:
        event = simulate(program, hardware, engine="event")
    except ValueError as error:
        assume("half of buffers" not in str(error))
        raise
    fast = simulate(program, hardware, engine="fast")
    apart = {
        name: (ours, theirs)
        for name, ours, theirs in zip(FIGURES, event.table.sum(0), fast.table.sum(0), strict=True)
        if ours != theirs
    }
    assert apart == {}, f"{hardware.model_dump_json()}"
    assert (event.table == fast.table).all()
    assert event.energy.as_dict() == fast.energy.as_dict()
    assert event.notes == fast.notes


@settings(max_examples=400, deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_products_on_any_machine(data):
    hardware = data.draw(machines())
    agree(Program((data.draw(gemms(hardware)),)), hardware)


@settings(max_examples=150, deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_masked_products_on_machines_with_tiny_memories(data):
    hardware = data.draw(machines(banks=False))
    agree(Program((data.draw(gemms(hardware, masked=True, largest=70)),)), hardware)


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_products_beside_a_core(data):
    hardware = data.draw(tight_machines())
    agree(Program((data.draw(gemms(hardware)),)), hardware)


@settings(max_examples=25, deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_programs_of_several_operations(data):
    hardware = data.draw(machines())
    ops = [data.draw(gemms(hardware)) for _ in range(3)] + [HostOp("softmax", "softmax", 40, 4, repeat=2)]
    agree(Program(tuple(ops)), hardware)


def test_a_product_run_dense_before_is_not_taken_for_one_that_is_compressed():
    hardware = Hardware.load("edge16").with_(**{"sparsity.kind": "n_m"})
    dense, alive = Gemm("dense", 9, 6, 33), np.zeros((6, 33), bool)
    alive[[0, 1, 4]] = True
    simulate(Program((dense,)), hardware, engine="fast")
    agree(Program((dense, Gemm("kept", 9, 6, 33, TileMask(alive, (1, 1), (6, 33))))), hardware)


@pytest.mark.parametrize("name", shipped_machines())
def test_fast_covers_every_machine_that_ships_with_one_array(name):
    hardware = Hardware.load(name)
    alive = np.random.default_rng(0).random((5, 4)) < 0.6
    program = Program(
        (Gemm("masked", 30, 70, 60, TileMask(alive, (16, 16), (70, 60)), bias=True), Gemm("whole", 9, 33, 47))
    )
    if hardware.arrays == 1:
        agree(program, hardware)
        assert simulate(program, hardware).engine == "fast"
    else:
        cost = simulate(program, hardware)
        assert cost.engine == "event"
        assert f"{hardware.arrays} arrays" in cost.notes[0]


def test_neither_engine_imports_the_other():
    root = Path(hw_models.__file__).parent / "engine"
    for mine, other in (("event", "fast"), ("fast", "event")):
        for path in (root / mine).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                assert not any(f"engine.{other}" in module for module in modules), path
