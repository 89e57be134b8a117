"""Accelergy's energy and area tables (ERT and ART, YAML version 0.4): written from our prices, read over them.

Components are `<machine>.pe`, `.activation_buffer`, `.weight_buffer`, `.output_buffer`, `.dram`, `.host`; only the last
word of a name counts when a file is read, with or without a range (`pe[0..255]`). Energies are pJ: a `mac`, a
register's bit (`register_bit`), 64 bits of a memory (`read`, `write`), a DRAM row (`activate`), a host operation
(`compute`). Areas are square micrometres of the whole component.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from hw_models.cost import Area
from hw_models.energy.prices import BUFFERS, Prices
from hw_models.hardware import Hardware
from hw_models.yaml_text import load_yaml

VERSION = "0.4"
WORD_BYTES = 8
Energies = dict[tuple[str, str, str], float]  # (component, action, formats of a mac or "") -> pJ


def write_tables(hardware: Hardware, prices: Prices, area: Area, path: str | Path) -> Path:
    """Write ERT and ART of a machine into one YAML file."""
    from ruamel.yaml import YAML

    file = Path(path)
    try:
        with file.open("w", encoding="utf-8") as stream:
            YAML(typ="safe", pure=True).dump(_tables(hardware.name, prices, area), stream)
    except OSError as error:
        raise ValueError(f"accelergy: cannot write {file}: {error.strerror}") from None
    return file


def _tables(name: str, prices: Prices, area: Area) -> dict[str, Any]:  # Any: YAML
    energies = _energies(prices)
    components: dict[str, list[dict[str, Any]]] = {}
    for (component, action, formats), energy in energies.items():
        arguments = dict(zip(("activation", "weight"), formats.split("*"), strict=True)) if formats else {}
        components.setdefault(component, []).append({"name": action, "arguments": arguments, "energy": energy})
    return {
        "ERT": {
            "version": VERSION,
            "tables": [
                {"name": f"{name}.{component}", "actions": actions} for component, actions in components.items()
            ],
        },
        "ART": {
            "version": VERSION,
            "tables": [
                {"name": f"{name}.array", "area": area.array_mm2 * 1e6},
                {"name": f"{name}.sram", "area": area.sram_mm2 * 1e6},
            ],
        },
    }


def _energies(prices: Prices) -> Energies:
    energies: Energies = {("pe", "mac", "*".join(pair)): energy for pair, energy in prices.mac_pj.items()}
    energies["pe", "register_bit", ""] = prices.register_bit_pj
    for buffer in BUFFERS:
        energies[f"{buffer}_buffer", "read", ""] = WORD_BYTES * prices.sram_read_byte_pj[buffer]
        energies[f"{buffer}_buffer", "write", ""] = WORD_BYTES * prices.sram_write_byte_pj[buffer]
    energies["dram", "read", ""] = WORD_BYTES * prices.dram_read_byte_pj
    energies["dram", "write", ""] = WORD_BYTES * prices.dram_write_byte_pj
    energies["dram", "activate", ""] = prices.dram_activate_pj
    energies["host", "compute", ""] = prices.host_operation_pj
    return energies


def overridden(prices: Prices, path: str) -> Prices:
    """The prices with what the file's ERT names put over them; `ValueError` for a name or action we do not know."""
    energies, given = _energies(prices), _read_ert(path)
    known = {(part, does) for part, does, _ in energies}
    for component, action, _ in given:
        if (component, action) not in known:
            names = ", ".join(sorted(f"{part} {does}" for part, does in known))
            raise ValueError(f"accelergy {Path(path).name}: {component} {action} is not one of {names}")
    energies |= given
    everywhere = energies.get(("pe", "mac", ""))
    mac = {pair: given.get(("pe", "mac", "*".join(pair)), everywhere or old) for pair, old in prices.mac_pj.items()}
    return replace(
        prices,
        mac_pj=mac,
        register_bit_pj=energies["pe", "register_bit", ""],
        sram_read_byte_pj={name: energies[f"{name}_buffer", "read", ""] / WORD_BYTES for name in BUFFERS},
        sram_write_byte_pj={name: energies[f"{name}_buffer", "write", ""] / WORD_BYTES for name in BUFFERS},
        dram_read_byte_pj=energies["dram", "read", ""] / WORD_BYTES,
        dram_write_byte_pj=energies["dram", "write", ""] / WORD_BYTES,
        dram_activate_pj=energies["dram", "activate", ""],
        host_operation_pj=energies["host", "compute", ""],
        source=f"Accelergy table {Path(path).name} for {len(given)} actions; the rest: {prices.source}",
    )


def area_overridden(area: Area, path: str) -> Area:
    """The area with what the file's ART names (array, sram) put over it."""
    tables = {_last_word(str(row.get("name"))): row.get("area") for row in _section(path, "ART")}
    for name, value in tables.items():
        if name not in ("array", "sram") or not _is_figure(value):
            raise ValueError(
                f"accelergy {Path(path).name}: ART {name}: {value!r}: array or sram with an area in um2 is needed"
            )
    given = {f"{name}_mm2": float(value) / 1e6 for name, value in tables.items() if value is not None}
    return replace(area, **given)


def _read_ert(path: str) -> Energies:
    energies: Energies = {}
    for row in _section(path, "ERT"):
        for action in row.get("actions") or []:
            where = f"accelergy {Path(path).name}: {row.get('name')}"
            if not isinstance(action, Mapping) or not _is_figure(action.get("energy")):
                raise ValueError(f"{where}: {action!r}: an action has a name and an energy of 0 pJ or more")
            arguments = action.get("arguments") or {}
            formats = "*".join(str(arguments[key]) for key in ("activation", "weight") if key in arguments)
            energies[_last_word(str(row.get("name"))), str(action.get("name")), formats] = float(action["energy"])
    return energies


def _section(path: str, name: str) -> list[Mapping[str, Any]]:
    """The `tables` of ERT or ART; none if the file has no such section."""
    section = _load(path).get(name, {"version": VERSION, "tables": []})
    where = f"accelergy {Path(path).name}: {name}"
    if not isinstance(section, Mapping) or str(section.get("version")) != VERSION:
        raise ValueError(f"{where}: version {VERSION} is needed")
    tables = section.get("tables")
    if not isinstance(tables, list) or not all(isinstance(row, Mapping) for row in tables):
        raise ValueError(f"{where}: tables: a list of components is needed")
    return tables


@cache
def _load(path: str) -> Mapping[str, Any]:
    try:
        content = load_yaml(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"accelergy {Path(path).name}: {' '.join(str(error).split())}") from None
    if not isinstance(content, Mapping) or not {"ERT", "ART"} & {*content}:
        raise ValueError(f"accelergy {Path(path).name}: neither an ERT nor an ART")
    return content


def _last_word(name: str) -> str:
    """`system.chip.pe[0..255]` is pe."""
    return re.sub(r"\[[^]]*\]", "", name).rsplit(".", 1)[-1]


def _is_figure(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")
