"""`python -m rtl.syn.calibrate`: the rows of table `sg13g2` in hw_models/energy/constants.csv, out of results/synth.

What the model counts is what is priced: an element's register bits (activation, two weights, sum), its multiply and
its add. Flip-flops that the model does not count (weight in passing, take, select) stand with the multiplier; the clock
and the triangles at the edges stand with the bits. The hybrid's and binary32's multiplier and adder come from two
equations: the two elements differ in the multiplier alone, by 7 of 24 rows of partial products.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parents[2] / "results" / "synth"
SHARE = 7 / 24  # as hw_models/energy/arithmetic.py has it
BITS = {"int8": 8 + 2 * 8 + 32, "hybrid": 32 + 2 * 8 + 32, "fp32": 32 + 2 * 32 + 32}
"""Register bits of an element as hw_models/energy/area.py counts them."""
SRAM = {  # read from the liberty files of IHP-Open-PDK, RM_IHPSG13_1P_<words>x64: pJ read, pJ written, um^2, nW
    2048: (49.6340, 63.4365, 93180.5344, 198.0155),
    4096: (68.8967, 80.0160, 150102.4032, 396.0310),
    8192: (91.8272, 110.9189, 263946.1408, 792.0620),
    16384: (122.3940, 155.3678, 491633.616, 1584.1239),
}
SYNTHESIS = "rtl/ in IHP SG13G2, Yosys 0.70, no wires: results/synth/ihp-sg13g2.json"
ACTIVITY = "rtl/ in IHP SG13G2, gate-level activity, no glitches, no wires: results/synth/power-ihp-sg13g2.json"
MACRO = "IHP-Open-PDK, liberty of RM_IHPSG13_1P macros 64 bits wide, typical, 1.2 V"
MEASURED = ("array-int8-8x8", "array-hybrid-4x4", "array-fp32-4x4")  # whose dense runs the energies come from
Json = dict[str, Any]  # as the file has it
Row = tuple[str, str, str, int, str, str, str]


def rows(results: Path = RESULTS) -> Iterator[Row]:
    """(table, quantity, key, node, value, how, source)."""
    areas = json.loads((results / "ihp-sg13g2.json").read_text())
    arrays = json.loads((results / "power-ihp-sg13g2.json").read_text())["arrays"]
    for quantity, key, value in (*_areas(areas), *_energies(arrays, areas)):
        source = SYNTHESIS if quantity.endswith("um2") else ACTIVITY
        yield "sg13g2", quantity, key, 130, f"{value:.4g}", "measured", source
    for size, (read, written, area, leak) in SRAM.items():
        figures = {"64b_pj": read, "write_64b_pj": written, "mm2": area / 1e6, "leak_mw": leak / 1e6}
        for name, value in figures.items():
            yield "sg13g2", f"sram_{name}", str(size), 130, f"{value:.6g}", "read", MACRO


def _areas(synthesis: Json) -> Iterator[tuple[str, str, float]]:
    area = {row["design"]: row["area_um2"] for row in synthesis["designs"]}
    flip_flop = synthesis["flip_flop_area_um2"]
    logic = {name: area[f"pe-{name}"] - bits * flip_flop for name, bits in BITS.items()}
    multiply, add = _split(logic["hybrid"], logic["fp32"])
    yield "flip_flop_um2", "", flip_flop
    yield "multiply_um2", "int8", logic["int8"]
    yield "add_um2", "int32", 0.0  # stands with the multiplier
    yield "multiply_um2", "fp32", multiply
    yield "add_um2", "fp32", add


def _energies(arrays: Json, synthesis: Json) -> Iterator[tuple[str, str, float]]:
    dense = {name.removeprefix("array-"): arrays[name]["dense"] for name in MEASURED}
    parts = dense["int8-8x8"]["energy_pj"]
    per_bit = (parts["total"] - parts["element_logic"]) / dense["int8-8x8"]["model_register_bits"]
    mac = {
        name: (run["energy_pj"]["total"] - per_bit * run["model_register_bits"]) / run["macs"]
        for name, run in dense.items()
    }
    multiply, add = _split(mac["hybrid-4x4"], mac["fp32-4x4"])
    yield "register_bit_pj", "", per_bit
    yield "multiply_pj", "int8", mac["int8-8x8"]
    yield "add_pj", "int32", 0.0  # stands with the multiplier
    yield "multiply_pj", "fp32", multiply
    yield "add_pj", "fp32", add
    area = next(row["area_um2"] for row in synthesis["designs"] if row["design"] == "array-int8-8x8")
    yield "leakage_mw_mm2", "", parts["leakage_nw"] / area


def _split(hybrid: float, binary32: float) -> tuple[float, float]:
    """(multiplier, adder) of binary32, where the hybrid's multiplier is `SHARE` of it and the adder the same."""
    multiply = (binary32 - hybrid) / (1 - SHARE)
    return multiply, binary32 - multiply


if __name__ == "__main__":
    csv.writer(sys.stdout, lineterminator="\n").writerows(rows())
