"""Does the host take what its steps take, worked by hand?"""

import csv
from pathlib import Path

import pytest

from hw_models import Hardware, HostOp
from hw_models.program import HostKind
from hw_models.units import host
from hw_models.units.host import HostWork, host_work

EDGE = Hardware.load("edge16")  # 500 MHz


def on(kind, **fields):
    return EDGE.with_(**{"host.kind": kind, **{f"host.{name}": value for name, value in fields.items()}})


def test_softmax_on_a_scalar_core():
    """3 passes of 2 instructions, 3 loads, 2 stores, 4 operations, an exp of 16 for each element; a division a row.

    100 elements in 4 rows: 100 x 31 = 3,100 instructions and cycles; 4 divisions of 1 instruction and 10 cycles.
    """
    assert host_work(HostOp("s", "softmax", 100, rows=4), on("scalar")) == HostWork(3140, 3104)


def test_a_residual_on_simd_lanes_takes_whole_vectors():
    """10 elements in vectors of 4: 3 vectors of 2 + 2 + 1 + 1 instructions."""
    assert host_work(HostOp("r", "residual", 10), on("simd", lanes=4)) == HostWork(18, 18)


def test_vectors_do_not_span_rows():
    """5 rows of 5 elements in vectors of 4 are 10 vectors; a layer norm of 5 + 1 + 7 + 3 x 2 = 19 instructions each,

    and 2 operations, 2 divisions, a root a row: 5 instructions and 31 cycles.
    """
    work = host_work(HostOp("n", "layer_norm", 25, rows=5), on("simd", lanes=4))
    assert work == HostWork(10 * 19 + 5 * 31, 10 * 19 + 5 * 5)


def test_silu_on_a_vector_unit():
    """3 operations, an exp of 4, a division of 4: 11 lane operations for each of 32 elements, 16 at a time."""
    assert host_work(HostOp("a", "silu", 32), on("vector_unit", lanes=16)) == HostWork(22, 352)


def test_a_copy_takes_the_port_of_a_vector_unit():
    assert host_work(HostOp("c", "copy", 32), on("vector_unit", lanes=16)) == HostWork(2, 32)


def test_cycles_are_the_arrays():
    """A core at 1 GHz beside an array at 500 MHz: half the cycles, the same instructions."""
    slow, fast = (host_work(HostOp("r", "relu", 1000), on("scalar", clock_mhz=clock)) for clock in (500, 1000))
    assert slow == HostWork(5000, 5000)
    assert fast == HostWork(2500, 5000)


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_scale_is_a_factor_on_cycles_and_operations(scale):
    op = HostOp("g", "gelu", 1000)
    one, scaled = host_work(op, on("scalar")), host_work(op, on("scalar", scale=scale))
    assert scaled == HostWork(int(one.cycles * scale), int(one.operations * scale))


@pytest.mark.parametrize("name", ["host_cores.csv", "host_work.csv"])
def test_every_constant_names_its_source(name):
    with (Path(host.__file__).parent / name).open() as file:
        assert all(row["source"].strip() for row in csv.DictReader(file))


@pytest.mark.parametrize("core", ["scalar", "simd", "vector_unit"])
@pytest.mark.parametrize("kind", HostKind.__args__)
def test_every_kind_costs_something_on_every_core(kind, core):
    work = host_work(HostOp("x", kind, 1), on(core))
    assert work.cycles >= 1
    assert work.operations >= 1
