"""What a liberty file says of each cell's energy: capacitance of inputs, energy inside per edge."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

SLEW_INDEX = 2  # of the internal-power tables: the third of seven input slews, for want of propagated ones
TOKEN = re.compile(r'"([^"]*)"|([\w.+*!&|^\[\]/\'-]+)|([(){};,:])')


@dataclass
class Group:
    """`kind (name) { attributes; groups }` of a liberty file."""

    kind: str
    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    groups: list[Group] = field(default_factory=list)

    def all(self, kind: str) -> Iterator[Group]:
        """Its groups of a kind."""
        return (group for group in self.groups if group.kind == kind)


@dataclass(frozen=True)
class Pin:
    """Of a cell."""

    name: str
    output: bool
    clock: bool
    cap_pf: float
    edge_pj: tuple[tuple[float, ...], tuple[float, ...]]
    """(loads in pF, energy inside for one edge in pJ at each of them): mean over arcs, rise and fall."""

    def inside_pj(self, load_pf: float) -> float:
        """Energy that one edge costs inside the cell; a fall may give some back."""
        loads, energies = self.edge_pj
        return float(np.interp(load_pf, loads, energies)) if loads else 0.0


@dataclass(frozen=True)
class Cell:
    """A standard cell."""

    name: str
    leakage_nw: float
    pins: dict[str, Pin]


@dataclass(frozen=True)
class Cells:
    """All cells and the supply."""

    volt: float
    cells: dict[str, Cell]


def read(path: Path) -> Cells:
    """Of a liberty file with capacitance in pF or fF; energies come out in pJ."""
    library = parse(path.read_text())
    size, unit = re.findall(r"[\w.]+", library.attributes["capacitive_load_unit"])
    pf = float(size) * {"pf": 1.0, "ff": 1e-3}[unit.lower()]
    leak = re.match(r"([\d.]+)\s*(\w)W", library.attributes["leakage_power_unit"])
    assert leak is not None
    nw = float(leak[1]) * {"p": 1e-3, "n": 1.0, "u": 1e3, "m": 1e6}[leak[2]]
    templates = {group.name: group.attributes for group in library.all("power_lut_template")}
    cells = {group.name: _cell(group, pf, nw, templates) for group in library.all("cell")}
    return Cells(float(library.attributes["nom_voltage"]), cells)


def _cell(group: Group, pf: float, nw: float, templates: dict[str, dict[str, str]]) -> Cell:
    pins = {pin.name: _pin(pin, pf, templates) for pin in group.all("pin")}
    return Cell(group.name, float(group.attributes.get("cell_leakage_power", 0)) * nw, pins)


def _pin(group: Group, pf: float, templates: dict[str, dict[str, str]]) -> Pin:
    tables = [table for power in group.all("internal_power") for table in power.groups]
    loads: tuple[float, ...] = ()
    rows = []
    for table in tables:
        x, energies = _row(table, templates)
        loads = tuple(value * pf for value in x)
        rows.append([value * pf for value in energies])  # energy unit = capacitance unit x 1 V^2
    shortest = min((len(row) for row in rows), default=0)
    mean = tuple(np.mean([row[:shortest] for row in rows], axis=0).tolist()) if rows else ()
    output = group.attributes.get("direction") == "output"
    cap = float(group.attributes.get("capacitance", 0)) * pf
    return Pin(group.name, output, group.attributes.get("clock") == "true", cap, (loads[:shortest], mean))


def _row(table: Group, templates: dict[str, dict[str, str]]) -> tuple[list[float], list[float]]:
    """(loads, energies) at the slew taken; a table over slew alone gives one energy at load 0."""
    rows = [[float(v) for v in row.split(",")] for row in table.attributes["values"].split("|")]
    template = templates.get(table.name, {})
    index = {axis: table.attributes.get(axis, template.get(axis, "")) for axis in ("index_1", "index_2")}
    if len(rows) == 1:
        return [0.0], [rows[0][min(SLEW_INDEX, len(rows[0]) - 1)]]
    load_first = template.get("variable_1", "") == "total_output_net_capacitance"
    grid = np.array(rows).T if load_first else np.array(rows)
    loads = [float(v) for v in index["index_1" if load_first else "index_2"].split(",")]
    return loads, grid[min(SLEW_INDEX, len(grid) - 1)].tolist()


def parse(text: str) -> Group:
    """The library group of a liberty file's text."""
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S).replace("\\\n", " ")
    root, stack = Group("", ""), []
    stack.append(root)
    tokens = [
        match[0] if match[3] else (match[1] if match[1] is not None else match[2]) for match in TOKEN.finditer(text)
    ]
    kinds = [bool(match[3]) for match in TOKEN.finditer(text)]
    at = 0
    while at < len(tokens):
        if kinds[at]:
            if tokens[at] == "}":
                stack.pop()
            at += 1
            continue
        name = tokens[at]
        if kinds[at + 1] and tokens[at + 1] == "(":
            end = at + 2
            while not (kinds[end] and tokens[end] == ")"):
                end += 1
            values = [token for token, mark in zip(tokens[at + 2 : end], kinds[at + 2 : end], strict=True) if not mark]
            if kinds[end + 1] and tokens[end + 1] == "{":
                group = Group(name, ",".join(values))
                stack[-1].groups.append(group)
                stack.append(group)
                at = end + 2
            else:
                stack[-1].attributes[name] = ("|" if name == "values" else ",").join(values)
                at = end + 1
        elif kinds[at + 1] and tokens[at + 1] == ":":
            stack[-1].attributes[name] = tokens[at + 2]
            at += 3
        else:
            at += 1
    return root.groups[0]
