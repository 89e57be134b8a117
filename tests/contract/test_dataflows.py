"""Does every dataflow keep the interface of hw_models/dataflow/base.py? And one that another package brings?"""

from importlib.metadata import EntryPoint

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import hw_models.dataflow as table
from hw_models import Hardware, Program, simulate
from hw_models.dataflow import DATAFLOWS, dataflow_of
from hw_models.dataflow.weight_stationary import WeightStationary
from hw_models.mapper import map_product, steps
from hw_models.sparsity import product_of
from hw_models.testing import gemms, machines


@pytest.mark.parametrize("name", DATAFLOWS)
def test_a_member_names_and_describes_itself(name):
    member, summary = DATAFLOWS[name]
    assert member.name == name
    assert summary
    array = Hardware.load("edge16").array
    assert len(member.granule(array)) == 2
    assert len(member.quanta(array)) == 3


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(st.data())
def test_every_live_granule_is_used_once_for_each_token_and_no_dead_one(data):
    hardware = data.draw(machines())
    gemm = data.draw(gemms(hardware))
    product = product_of(gemm, hardware)
    try:
        plan = list(steps(product, map_product(product, hardware)))
    except ValueError:
        assume(False)
    done, sums, fresh, touched = 0, 0, 0, np.zeros(0, bool)
    for step in plan:
        if step.begins_output:
            touched = np.zeros(step.n[1] - step.n[0], bool)
        walk = dataflow_of(hardware.array.dataflow).walk(product, step, hardware, touched)
        passes = list(walk.passes)
        assert len(passes) == walk.count
        for one in passes:
            assert one.spacing_cycles >= one.stream_cycles >= 1
            assert min(one) >= 0
            assert one.fresh_sums in (0, one.sums) or hardware.array.dataflow == "input_stationary"
        done += sum(one.macs for one in passes)
        sums += sum(one.sums for one in passes)
        fresh += sum(one.fresh_sums for one in passes)
    live = product.k * product.n
    if product.alive is not None:
        rows, cols = (
            np.minimum(size - np.arange(0, size, side), side)
            for size, side in zip((product.k, product.n), product.granule, strict=True)
        )
        live = rows @ product.alive @ cols
    assert done == product.m * live
    lit = product.n if product.alive is None else cols @ product.alive.any(axis=0)
    assert fresh == product.m * lit
    assert sums >= fresh


class Lazy(WeightStationary):
    """Another package's dataflow: weight stationary under another name."""

    name = "lazy"


def test_a_dataflow_of_another_package_runs_on_the_event_engine(monkeypatch):
    point = EntryPoint("lazy", f"{__name__}:Lazy", table.ENTRY_POINTS)
    monkeypatch.setattr(EntryPoint, "load", lambda self: Lazy)
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [point] if group == table.ENTRY_POINTS else [])
    table._others.cache_clear()
    try:
        ours, theirs = (
            Hardware.load("edge8").with_(**{"array.dataflow": name}) for name in ("weight_stationary", "lazy")
        )
        program = Program.of_gemm(9, 20, 30, np.eye(3, 4, dtype=bool), (8, 8))
        cost = simulate(program, theirs)
        assert cost.engine == "event"
        assert "comes from another package" in cost.notes[0]
        assert cost.cycles == simulate(program, ours, "event").cycles
        with pytest.raises(ValueError, match="fast does not apply"):
            simulate(program, theirs, "fast")
    finally:
        monkeypatch.undo()
        table._others.cache_clear()
    with pytest.raises(ValueError, match="'lazy' is not one of weight_stationary"):
        Hardware.load("edge8").with_(**{"array.dataflow": "lazy"})


def test_an_overlap_without_loads_is_refused():
    for overlap in ("wavefront", "double_buffered_global"):
        with pytest.raises(ValueError, match=f"array.overlap: '{overlap}' needs weights that are loaded"):
            Hardware.load("edge8").with_(**{"array.dataflow": "output_stationary", "array.overlap": overlap})
