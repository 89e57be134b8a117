"""`python -m rtl.syn`: synthesise every design with every library given, and write results/synth/."""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from pathlib import Path

from rtl.syn import timing, yosys
from rtl.syn.designs import Design, designs
from rtl.syn.library import Liberty, found

COLUMNS = ("library", "design", "area_um2", "kilo_gates", "cells", "flip_flops", "critical_path_ns")


def main() -> int:
    """Exit status 0 done, 2 bad input or a tool that is missing."""
    parser = argparse.ArgumentParser(prog="python -m rtl.syn", description=__doc__)
    parser.add_argument(
        "--liberty", type=Path, help="folder with liberty files (.lib or .lib.gz); default: Debian's osu018"
    )
    parser.add_argument("--out", type=Path, default=Path("results/synth"), help="where the results go")
    parser.add_argument("--work", type=Path, default=Path("out/synth"), help="where netlists and logs go")
    parser.add_argument("--only", nargs="*", help="names of designs; default: all")
    options = parser.parse_args()
    known = {design.name: design for design in designs()}
    if unknown := set(options.only or ()) - known.keys():
        print(f"synth: no design {', '.join(sorted(unknown))}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    if timing.version() is None:
        print(
            "synth: no OpenSTA (`sta`) for the critical paths: make synth installs it, or install opensta",
            file=sys.stderr,
        )
        return 2
    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    try:
        libraries = found(options.liberty, work)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    chosen = [known[name] for name in options.only] if options.only else list(known.values())
    for liberty in libraries:
        _write(liberty, [_row(design, liberty, work) for design in chosen], options.out)
    _write_table(options.out)
    return 0


def _row(design: Design, liberty: Liberty, work: Path) -> dict[str, object]:
    begun = time.perf_counter()
    netlist = yosys.synthesise(design, liberty, work)
    row = {
        "design": design.name,
        "top": design.top,
        "parameters": design.parameters,
        "processing_elements": design.elements,
        "area_um2": round(netlist.area_um2, 2),
        "kilo_gates": round(netlist.area_um2 / liberty.nand2_area_um2 / 1000, 3),
        "cells": netlist.cells,
        "flip_flops": netlist.flip_flops,
        "critical_path_ns": timing.critical_path_ns(netlist, liberty),
    }
    seconds = time.perf_counter() - begun
    print(
        f"{liberty.library.name} {design.name}: {row['area_um2']} um2, {row['critical_path_ns']} ns ({seconds:.0f} s)",
        file=sys.stderr,
    )
    return row


def _write(liberty: Liberty, rows: list[dict[str, object]], out: Path) -> None:
    """One file a library; designs not run this time keep their rows."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{liberty.library.name}.json"
    old = json.loads(path.read_text())["designs"] if path.exists() else []
    new = {row["design"] for row in rows}
    order = [design.name for design in designs()]
    merged = sorted(
        [row for row in old if row["design"] not in new and row["design"] in order] + rows,
        key=lambda row: order.index(row["design"]),
    )
    about = {
        "library": liberty.library.name,
        "node_nm": liberty.library.node_nm,
        "licence": liberty.library.licence,
        "liberty_sha256": liberty.sha256,
        "nand2_area_um2": liberty.nand2_area_um2,
        "flip_flop_area_um2": liberty.flip_flop_area_um2,
        "tools": [yosys.version(), timing.version()],
        "recipe": yosys.RECIPE.strip().splitlines(),
        "abc_target_ps": yosys.TARGET_PS,
        "designs": merged,
    }
    path.write_text(json.dumps(about, indent=1) + "\n")


def _write_table(out: Path) -> None:
    """All libraries in one CSV."""
    with (out / "areas.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, extrasaction="ignore", lineterminator="\n")
        table.writeheader()
        for path in sorted(out.glob("*.json")):
            content = json.loads(path.read_text())
            table.writerows({"library": content["library"], **row} for row in content.get("designs", ()))


if __name__ == "__main__":
    sys.exit(main())
