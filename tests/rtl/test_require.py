"""rtl/require.sv: parameters that cannot be built stop elaboration with a sentence, in both simulators."""

import subprocess

import pytest

from rtl.bench import verilated
from rtl.bench.icarus import RTL
from rtl.bench.job import Machine

ARRAY = {
    "Rows=0": "Rows and Cols must each be at least 1",
    "Cols=-1": "Rows and Cols must each be at least 1",
    "ActBits=0": "operand widths must be at least 1",
    "WeightBits=0": "operand widths must be at least 1",
    "SumBits=4": "SumBits must hold a product",
    "Format=1": "binary32 needs ActBits 32",
    "Format=3": "Format must be 0",
}
MEMORIES = {
    "SizeBits=0": "SizeBits and TileBits must each be at least 1",
    "TileBits=0": "SizeBits and TileBits must each be at least 1",
    "WeightAddrBits=0": "AddrBits of the other memories 1",
    "ActAddrBits=0": "AddrBits of the other memories 1",
    "SumAddrBits=0": "AddrBits of the other memories 1",
}
REFUSED = {
    "array": {**ARRAY, "Stages=0": "Stages must be at least 1"},
    "array_os": ARRAY,
    "top": {
        **ARRAY,
        **MEMORIES,
        "Stages=0": "Stages must be at least 1",
        "ScanBits=0": "ScanBits must be a power of two",
        "ScanBits=6": "ScanBits must be a power of two",
        "PortBits=-1": "PortBits not negative",
        "BitmapAddrBits=1": "BitmapAddrBits must be at least 2",
    },
    "top_os": {**ARRAY, **MEMORIES},
}
CASES = [(top, parameter) for top, parameters in REFUSED.items() for parameter in parameters]


@pytest.mark.parametrize(("top", "parameter"), CASES)
def test_impossible_parameters_stop_elaboration_with_a_sentence(icarus, verilator, tmp_path, top, parameter):
    sources = [str(path) for path in sorted(RTL.glob("*.sv"))]
    for command in (
        ["iverilog", "-g2012", "-s", top, f"-P{top}.{parameter}", "-o", str(tmp_path / "out"), *sources],
        ["verilator", "--lint-only", "--top-module", top, f"-G{parameter}", *sources],
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode != 0
        assert REFUSED[top][parameter] in done.stderr.replace("_", " ")


def test_the_bench_says_what_can_not_be_built(verilator, tmp_path):
    with pytest.raises(ValueError, match="a 0x3 int8 array can not be built: Rows and Cols must each be at least 1"):
        verilated.build(Machine(0, 3), tmp_path)
