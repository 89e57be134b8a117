"""Longest register-to-register path of a netlist by OpenSTA: ideal clock, no wires, typical corner."""

from __future__ import annotations

import re
import shutil
import subprocess

from rtl.syn.library import Liberty
from rtl.syn.yosys import Netlist

SCRIPT = """
read_liberty {liberty}
read_verilog {netlist}
link_design {top}
create_clock -name clk -period 100 [get_ports clk_i]
set_input_delay 0 -clock clk [all_inputs]
set_output_delay 0 -clock clk [all_outputs]
report_checks -path_delay max -format full
exit
"""


def version() -> str | None:
    """Of OpenSTA; None where it is not installed."""
    if shutil.which("sta") is None:
        return None
    said = subprocess.run(["sta", "-version"], capture_output=True, text=True).stdout.strip()
    return f"OpenSTA {said.splitlines()[0]}" if said else "OpenSTA"


def critical_path_ns(netlist: Netlist, liberty: Liberty) -> float | None:
    """From a clock edge (or an input that comes with it) to the next register, setup included; None without OpenSTA."""
    if shutil.which("sta") is None:
        return None
    script = netlist.work / "timing.tcl"
    script.write_text(SCRIPT.format(liberty=liberty.path, netlist=netlist.work / "netlist.v", top=netlist.top))
    said = subprocess.run(["sta", "-no_splash", "-exit", str(script)], capture_output=True, text=True)
    (netlist.work / "timing.log").write_text(said.stdout + said.stderr)
    slack = re.search(r"(-?[\d.]+)\s+slack", said.stdout)
    if slack is None:
        raise RuntimeError(f"OpenSTA gave no path for {netlist.design.name}: see {netlist.work / 'timing.log'}")
    return round(100 - float(slack[1]), 3)
