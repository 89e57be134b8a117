"""Icarus Verilog and Verilator, which the RTL tests need: installed where possible, else named, never skipped."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # rtl.bench, here and in the simulators' Python


def _installed(tool: str, package: str) -> str:
    if shutil.which(tool) is None and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update"], check=False, **quiet)
        subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", package], check=False, **quiet)
    if shutil.which(tool) is None:
        pytest.fail(
            f"the RTL tests need `{tool}`: install the package {package} (apt-get install {package})", pytrace=False
        )
    return tool


@pytest.fixture(scope="session")
def icarus() -> str:
    return _installed("iverilog", "iverilog")


@pytest.fixture(scope="session")
def verilator() -> str:
    return _installed("verilator", "verilator")


@pytest.fixture
def play(icarus, tmp_path):
    """play(top, parameters, inputs, outputs): outputs of a module in each cycle, given its inputs."""
    from rtl.bench import icarus as bench

    return lambda top, parameters, inputs, outputs: bench.play(top, parameters, inputs, outputs, tmp_path)
