"""Is a wrong machine, engine or product one clear sentence: what came, what would do, where?"""

import numpy as np
import pytest

from hw_models import Gemm, Hardware, Program, simulate

EDGE = Hardware.load("edge16")

WRONG = {
    "array.row": (3, "array.row: no such field; there are rows, cols,"),
    "arry.rows": (3, "this machine has no 'arry' to set a field of; did you mean array?"),
    "array.rows": (0, "array.rows: 0: input should be greater than or equal to 1"),
    "array.cols": (True, "array.cols: True: input should be a valid integer"),
    "array.dataflow": (
        "ws",
        "array.dataflow: 'ws' is not one of weight_stationary, output_stationary, input_stationary",
    ),
    "array.overlap": ("none", "array.overlap: 'none' is not one of serial, wavefront"),
    "clock_mhz": (float("nan"), "clock_mhz: nan: input should be a finite number"),
    "clock_mhz ": (500, "no such field"),
    "dram.bandwidth_gb_s": (-1.0, "dram.bandwidth_gb_s: -1.0: input should be greater than 0"),
    "dram.preset": ("ddr5", "dram.preset: 'ddr5' is not one of ddr4_2400, hbm2, lpddr4_3200, lpddr5_6400"),
    "dram": ({}, "dram.bandwidth_gb_s: missing"),
    "buffers": (None, "buffers: a DMA between DRAM and array needs"),
    "sparsity": ({"kind": "n_m", "n": 5, "m": 4}, "sparsity.n: 5 of every m = 4 can not live"),
    "coupling": ({"kind": "axi"}, "coupling.kind: want one of 'dma', 'cpu_instruction'"),
    "arrays": (0, "arrays: 0: input should be greater than or equal to 1"),
    "buffers.weight.size_kib": ("big", "buffers.weight.size_kib: 'big': input should be a valid number"),
}


@pytest.mark.parametrize("field", WRONG)
def test_a_wrong_field_is_named_with_what_would_do(field):
    value, said = WRONG[field]
    with pytest.raises(ValueError, match=r"^hardware edge16: ") as caught:
        EDGE.with_(**{field: value})
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


IMPOSSIBLE = {
    "feeds one weight_stationary array, serial": {"coupling": {"kind": "cpu_instruction"}},
    "row_skip packs rows of weights that stay": {"sparsity.kind": "row_skip", "array.dataflow": "input_stationary"},
    "n_m needs weights or sums that stay": {"sparsity.kind": "n_m", "array.dataflow": "input_stationary"},
    "needs weights that are loaded": {"array.dataflow": "output_stationary", "array.overlap": "wavefront"},
    "does not hold whole bursts": {"dram.banks": {"row_bytes": 100, "burst_bytes": 64}},
    "a refresh must end before the next falls due": {"dram.banks": {"refresh_ns": 9000.0}},
}
BANKS = {
    "channels": 1, "banks": 8, "row_bytes": 2048, "burst_bytes": 64, "activate_ns": 14.0, "precharge_ns": 14.0,
    "column_ns": 14.0, "refresh_interval_ns": 7800.0, "refresh_ns": 350.0,
}  # fmt: skip


@pytest.mark.parametrize("said", IMPOSSIBLE)
def test_a_machine_that_can_not_be_is_refused_when_it_is_read(said):
    fields = dict(IMPOSSIBLE[said])
    if "dram.banks" in fields:
        fields["dram.banks"] = BANKS | fields["dram.banks"]
    with pytest.raises(ValueError, match=r"^hardware edge16: ") as caught:
        EDGE.with_(**fields)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("extends: edge16\nextends: edge8\n", "line 2"),
        ("extends: edg16\n", "did you mean edge16"),
        ("extends: a.yaml\n", "extends comes back to itself"),
        ("- 1\n- 2\n", "a machine is a mapping of fields, not list"),
        ("array: {rows: 8\n", "line"),
        ("", "a machine is a mapping of fields, not NoneType"),
        ("extends: edge16\narray: {rows: 1.5}\n", "array.rows: 1.5"),
        ("extends: edge16\nclock_mhz: .inf\n", "clock_mhz: inf"),
    ],
)
def test_a_wrong_file_is_named_with_its_place(tmp_path, text, said):
    path = tmp_path / "a.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"a\.yaml") as caught:
        Hardware.load(path)
    assert said in str(caught.value)


def test_a_machine_that_does_not_ship_is_named_with_the_nearest():
    with pytest.raises(ValueError, match=r"'edge61' is neither .* did you mean edge16"):
        Hardware.load("edge61")
    with pytest.raises(ValueError, match=r"hardware: no file none\.yaml"):
        Hardware.load("none.yaml")


def test_an_engine_that_is_none_is_refused():
    with pytest.raises(ValueError, match="engine: 'slow' is not one of event, fast, auto"):
        simulate(Program.of_gemm(2, 2, 2), EDGE, "slow")
    with pytest.raises(ValueError, match="engine: fast does not apply to edge16: 2 arrays"):
        simulate(Program.of_gemm(2, 2, 2), EDGE.with_(arrays=2), "fast")


def test_products_beyond_what_can_be_counted_or_waited_for_are_refused():
    with pytest.raises(ValueError, match="too large: its counts leave 64 bits"):
        simulate(Program.of_gemm(2**31, 2**31, 2**31), EDGE)
    with pytest.raises(ValueError, match="too large"):
        simulate(Program((Gemm("layer", 2**20, 2**20, 4, repeat=2**31),)), EDGE)
    with pytest.raises(ValueError, match="passes; the event engine takes 50000000 at most"):
        simulate(Program.of_gemm(2**10, 2**20, 2**20), EDGE, "event")


@pytest.mark.parametrize("size", [(2**31 - 1, 1, 1), (1, 2**31 - 1, 1), (1, 1, 2**31 - 1), (2**17, 2**17, 2**17)])
def test_a_huge_product_ends_soon(size):
    cost = simulate(Program.of_gemm(*size), EDGE)
    assert cost.cycles >= max(cost.figures["bound_compute_cycles"], cost.figures["bound_memory_cycles"])


def test_a_mask_without_its_tile_and_one_of_a_wrong_shape_are_refused():
    with pytest.raises(ValueError, match="mask and tile come together"):
        Program.of_gemm(2, 8, 8, mask=np.ones((2, 2), bool))
    with pytest.raises(
        ValueError, match=r"alive has shape \(2, 2\), but a \(8, 8\) matrix in \(2, 2\) tiles needs \(4, 4\)"
    ):
        Program.of_gemm(2, 8, 8, np.ones((2, 2), bool), (2, 2))
