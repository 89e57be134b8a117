"""`python -m rtl.syn.page`: the tables of docs/rtl.md, out of results/synth."""

from __future__ import annotations

import json
from collections.abc import Iterator

from rtl.syn.calibrate import RESULTS, Json

LIBRARIES = ("ihp-sg13g2", "sky130hd", "osu018")
DESIGNS = {
    "pe-int8": "INT8 element",
    "pe-int8-single": "the same, single buffered",
    "pe-int8-output-stationary": "the same, output stationary",
    "pe-hybrid": "hybrid element, L = 1",
    "pe-hybrid-l3": "hybrid element, L = 3",
    "pe-fp32": "binary32 element, L = 1",
    "array-int8-4x4": "INT8 4x4",
    "array-int8-8x8": "INT8 8x8",
    "array-int8-16x16": "INT8 16x16",
    "array-hybrid-4x4": "hybrid 4x4",
    "array-hybrid-8x8": "hybrid 8x8",
    "array-hybrid-16x16": "hybrid 16x16",
    "tile_gate-scan1": "tile gate, 1 bit a cycle",
    "tile_gate-scan8": "tile gate, 8 bits a cycle",
    "tile_gate-scan64": "tile gate, 64 bits a cycle",
    "sequencer-8x8": "sequencer of an 8x8",
}


def lines() -> Iterator[str]:
    """Areas and critical paths, then energies."""
    yield "| design | " + " | ".join(f"{name}: um^2 / kGE / ns" for name in LIBRARIES) + " |"
    yield "|---" * (1 + len(LIBRARIES)) + "|"
    found = {name: {row["design"]: row for row in _read(name)["designs"]} for name in LIBRARIES}
    for design, label in DESIGNS.items():
        yield f"| {label} | " + " | ".join(_area(found[name][design]) for name in LIBRARIES) + " |"
    yield ""
    yield "| array: dense, half of the tiles dead, pJ | saved | one element, pJ | saved | pJ per MAC |"
    yield "|---" * 5 + "|"
    for name, runs in _read("power-ihp-sg13g2")["arrays"].items():
        dense, half = runs["dense"], runs["half_dead"]
        whole = [one["energy_pj"]["total"] for one in (dense, half)]
        element = [one["element_pj"] for one in (dense, half)]
        yield (
            f"| {name.removeprefix('array-')}: {whole[0]:,.0f}, {whole[1]:,.0f} | {_saved(*whole)} "
            f"| {element[0]:,.0f}, {element[1]:,.0f} | {_saved(*element)} | {dense['array_pj_per_mac']:.2f} |"
        )


def _saved(dense: float, half: float) -> str:
    return f"{100 * (1 - half / dense):.1f} %"


def _area(row: Json) -> str:
    return f"{row['area_um2']:,.0f} / {row['kilo_gates']:.2f} / {row['critical_path_ns']:.1f}"


def _read(name: str) -> Json:
    content: Json = json.loads((RESULTS / f"{name}.json").read_text())
    return content


if __name__ == "__main__":
    print("\n".join(lines()))
