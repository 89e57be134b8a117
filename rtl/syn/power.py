"""`python -m rtl.syn.power`: energy of the array from its switching activity, dense against half of the tiles dead.

An estimate of our own: toggles of a gate-level run (zero delay, so no glitches) x (half C V^2 of the pins a net drives
+ the cell's internal energy of the liberty file at one slew), clock pins included, no wires and no clock tree. Results
are used as ratios; in absolute terms they are lower bounds, right within a factor of two.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from rtl.bench.icarus import Trial, operands, watch
from rtl.bench.job import Job, Machine
from rtl.bench.model import cost
from rtl.syn import cells, gates, yosys
from rtl.syn.designs import designs
from rtl.syn.library import Liberty, found

ARRAYS = {
    "array-int8-8x8": Machine(8, 8, memory_bits=11),
    "array-hybrid-4x4": Machine(4, 4, format="hybrid"),
    "array-hybrid-8x8": Machine(8, 8, format="hybrid", memory_bits=11),
    "array-fp32-4x4": Machine(4, 4, format="fp32"),
}
M, TILES = 32, 6  # rows streamed; tiles along K and along N


def main() -> int:
    """Exit status 0 done, 2 bad input."""
    parser = argparse.ArgumentParser(prog="python -m rtl.syn.power", description=__doc__.splitlines()[0])
    parser.add_argument("--liberty", type=Path, required=True, help="folder with the liberty file of ihp-sg13g2")
    parser.add_argument("--out", type=Path, default=Path("results/synth"))
    parser.add_argument("--work", type=Path, default=Path("out/synth"))
    options = parser.parse_args()
    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    try:
        liberty = next((one for one in found(options.liberty, work) if one.library.name == "ihp-sg13g2"), None)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    if liberty is None:
        print(f"power: no liberty file of ihp-sg13g2 in {options.liberty}", file=sys.stderr)
        return 2
    about = {
        "library": liberty.library.name,
        "node_nm": liberty.library.node_nm,
        "liberty_sha256": liberty.sha256,
        "method": " ".join((__doc__ or "").split("\n\n")[1].split()),
        "stimulus": f"m = {M}, {TILES} x {TILES} tiles, operands drawn by rtl/bench/icarus.py, double_buffered",
        "tools": [yosys.version()],
        "arrays": {name: _array(name, machine, liberty, work) for name, machine in ARRAYS.items()},
    }
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / f"power-{liberty.library.name}.json").write_text(json.dumps(about, indent=1) + "\n")
    return 0


def _array(name: str, machine: Machine, liberty: Liberty, work: Path) -> dict[str, object]:
    """Dense and half dead, from the same operands."""
    design = next(one for one in designs() if one.name == name)
    netlist = yosys.synthesise(design, liberty, work)
    groups = {group.name: group for group in cells.parse(liberty.path.read_text()).all("cell")}
    modules = gates.read(netlist.work / "netlist.json", groups)
    energies = cells.read(liberty.path)
    chance = np.random.default_rng(0)
    a, b = operands(machine, M, TILES * machine.rows, TILES * machine.cols, chance)
    dead = np.zeros(TILES * TILES, bool)
    dead[chance.permutation(dead.size)[: dead.size // 2]] = True
    result: dict[str, object] = {}
    for label, mask in (("dense", None), ("half_dead", ~dead.reshape(TILES, TILES))):
        job = Job(machine, a, b, mask)
        with TemporaryDirectory() as folder:
            outcome, ports = watch(Trial(job), [f"i_array.{port}" for port in gates.PORTS], Path(folder))
        assert outcome.results is not None
        assert (outcome.results.view(np.uint32) == job.expected().view(np.uint32)).all(), "the RTL is wrong"
        activity = gates.Gates(modules).run(ports)
        assert activity.wrong == 0, f"{activity.wrong} of {activity.compared} rows of sums are not the RTL's"
        parts = energy_pj(modules, energies, activity)
        model = cost(job)
        done = model.figures["macs"] - model.figures["macs_skipped"]
        result[label] = {
            "cycles": outcome.busy_cycles,
            "macs": done,
            "energy_pj": {part: round(value, 1) for part, value in parts.items()},
            "element_pj": round(_element(parts) / activity.elements, 1),
            "element_pj_per_cycle": round(_element(parts) / activity.cycles / activity.elements, 3),
            "array_pj_per_mac": round(parts["total"] / done, 3),
            "rows_compared_with_rtl": activity.compared,
            "model_register_bits": _register_bits(model.figures, machine),
        }
        print(f"{name} {label}: {result[label]}", file=sys.stderr)
    return result


def _element(parts: dict[str, float]) -> float:
    return sum(value for part, value in parts.items() if part.startswith("element_"))


def _register_bits(figures: dict[str, int], machine: Machine) -> int:
    """Bits that hw_models says are written into registers of elements."""
    return (
        figures["activation_register_writes"] * machine.act_bits
        + figures["weight_register_writes"] * machine.weight_bits
        + figures["sum_register_writes"] * 32
    )


def energy_pj(modules: dict[str, gates.Module], library: cells.Cells, activity: gates.Activity) -> dict[str, float]:
    """Of the whole run, by part: logic, registers and clock of the elements, the same of the edges, leakage, total."""
    parts: dict[str, float] = defaultdict(float)
    half = 0.5 * library.volt**2
    for name, copies in (("element", activity.elements), ("array", 1)):
        toggles, module = activity.toggles[name], modules[name]
        label = "element" if name == "element" else "edge"
        load: dict[gates.Bit, float] = defaultdict(float)
        for cell in module.cells:
            for pin, bit in cell.pins.items():
                facts = library.cells[cell.kind].pins[pin]
                load[bit] += 0.0 if facts.output else facts.cap_pf
        for cell in module.cells:
            kind = library.cells[cell.kind]
            clocked = any(pin.clock for pin in kind.pins.values())
            for pin, bit in cell.pins.items():
                facts = kind.pins[pin]
                if facts.clock:
                    edges = 2 * activity.cycles * copies
                    parts[f"{label}_clock"] += edges * (half * facts.cap_pf + facts.inside_pj(0.0))
                    continue
                times = toggles.get(bit, 0)
                inside = facts.inside_pj(load[bit]) if facts.output or clocked else 0.0
                net = half * (0.0 if facts.output else facts.cap_pf)
                parts[f"{label}_{'registers' if clocked else 'logic'}"] += times * (inside + net)
            parts["leakage_nw"] += kind.leakage_nw * copies
    leakage_nw = parts.pop("leakage_nw")
    return {**parts, "total": sum(parts.values()), "leakage_nw": leakage_nw}


if __name__ == "__main__":
    sys.exit(main())
