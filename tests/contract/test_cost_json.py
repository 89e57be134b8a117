"""Does the JSON of `simulate` hold what the contract promises, and do its parts add up?"""

import json

import numpy as np
import pytest

from hw_models import Gemm, Hardware, HostOp, Program, TileMask, simulate

TOP = {
    "hardware", "engine", "version", "cycles", "latency_ms", "macs", "macs_skipped", "utilization", "energy_pj",
    "area_mm2", "dram_read_bytes", "dram_write_bytes", "sram_read_bytes", "sram_write_bytes", "bounds", "layers",
    "notes",
}  # fmt: skip
LAYER = {
    "name", "kind", "m", "k", "n", "repeat", "cycles", "busy_cycles", "stall_cycles", "host_cycles", "passes",
    "passes_skipped", "macs", "macs_skipped", "energy_pj", "dram_read_bytes", "dram_write_bytes", "sram_read_bytes",
    "sram_write_bytes",
}  # fmt: skip
ENERGY = {"mac", "register", "sram", "dram", "host", "leakage", "total"}
WHOLE = (
    "cycles", "busy_cycles", "stall_cycles", "host_cycles", "passes", "passes_skipped", "macs", "macs_skipped",
    "dram_read_bytes", "dram_write_bytes", "sram_read_bytes", "sram_write_bytes",
)  # fmt: skip
ALIVE = np.random.default_rng(0).random((5, 4)) < 0.5
PROGRAM = Program(
    (
        Gemm("masked", 30, 70, 60, TileMask(ALIVE, (16, 16), (70, 60)), repeat=3, bias=True),
        HostOp("soft", "softmax", 1000, 10, repeat=2),
        Gemm("whole", 30, 60, 33, activation_format="int8"),
    )
)


@pytest.fixture(params=["edge16", "sasp8-int8", "rtl_ws", "tpuv4i"])
def document(request):
    return json.loads(json.dumps(simulate(PROGRAM, Hardware.load(request.param)).as_dict(), allow_nan=False))


def test_every_promised_key_is_there(document):
    assert set(document) >= TOP
    assert set(document["energy_pj"]) == ENERGY
    assert set(document["area_mm2"]) == {"array", "sram", "total"}
    assert set(document["bounds"]) == {"compute_cycles", "memory_cycles"}
    for layer in document["layers"]:
        assert set(layer) >= LAYER
        assert set(layer["energy_pj"]) == ENERGY
    assert [layer["kind"] for layer in document["layers"]] == ["gemm", "host", "gemm"]


def test_layers_add_up_to_the_program(document):
    for name in WHOLE:
        assert sum(layer[name] for layer in document["layers"]) == document[name], name
    for part in ENERGY:
        parts = [layer["energy_pj"][part] for layer in document["layers"]]
        assert sum(parts) == pytest.approx(document["energy_pj"][part])
    for one in (document, *document["layers"]):
        assert one["busy_cycles"] + one["stall_cycles"] + one["host_cycles"] == one["cycles"]
        assert sum(one["energy_pj"][part] for part in ENERGY - {"total"}) == pytest.approx(one["energy_pj"]["total"])


def test_the_machine_comes_back_as_it_was(document):
    hardware = Hardware.model_validate(document["hardware"] | {"sources": tuple(document["hardware"]["sources"])})
    assert simulate(PROGRAM, hardware).cycles == document["cycles"]
    assert document["latency_ms"] == pytest.approx(document["cycles"] / hardware.clock_mhz / 1000)


def test_utilization_is_executed_macs_per_place_and_cycle(document):
    array, arrays = document["hardware"]["array"], document["hardware"]["arrays"]
    done = document["macs"] - document["macs_skipped"]
    assert document["utilization"] == pytest.approx(
        done / (document["cycles"] * array["rows"] * array["cols"] * arrays)
    )


def test_a_layers_figures_are_totals_over_its_repeat():
    once = Program((Gemm("layer", 30, 70, 60),))
    thrice = Program((Gemm("layer", 30, 70, 60, repeat=3),))
    hardware = Hardware.load("edge16")
    one, three = (simulate(program, hardware).figures for program in (once, thrice))
    assert {name: 3 * value for name, value in one.items()} == three


def test_the_frame_is_the_layers():
    cost = simulate(PROGRAM, Hardware.load("edge16"))
    frame = cost.frame()
    assert list(frame["name"]) == ["masked", "soft", "whole"]
    assert frame["cycles"].sum() == cost.cycles
    assert frame["total_pj"].sum() == pytest.approx(cost.energy.total_pj)
