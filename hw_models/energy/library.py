"""The optional back-end `hwcomponents`: CACTI for memories, Aladdin for integer arithmetic and registers.

It needs Python 3.12, has no floating point, and its CACTI must run on this system (see docs/decisions/energy.md). What
it does not have (DRAM kinds of ours, the host) comes from the tables that ship, and the source says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from hw_models.cost import Area
from hw_models.energy.area import buffer_bank
from hw_models.energy.prices import BUFFERS, Prices, dram_prices, host_price
from hw_models.energy.table import table
from hw_models.hardware import Hardware

SRAM_BITS = 128  # width of a memory asked of CACTI


@dataclass(frozen=True, slots=True)
class _Part:
    """SI units, as the library gives them."""

    read_j: float
    write_j: float
    area_m2: float
    leak_w: float


def library_prices(hardware: Hardware) -> Prices:
    """Prices from the library; `ValueError` if it is not installed or its CACTI does not run."""
    node = hardware.energy.node_nm
    memories = {name: _sram(node, int(buffer_bank(hardware, name))) for name in BUFFERS}
    multiply, add, register = _arithmetic(node)
    read, write, activate = dram_prices(hardware)
    return Prices(
        mac_pj={("int8", "int8"): 1e12 * (multiply.read_j + add.read_j)},
        register_bit_pj=1e12 * register.write_j / 32,
        sram_read_byte_pj={name: 8e12 * part.read_j / SRAM_BITS for name, part in memories.items()},
        sram_write_byte_pj={name: 8e12 * part.write_j / SRAM_BITS for name, part in memories.items()},
        dram_read_byte_pj=read,
        dram_write_byte_pj=write,
        dram_activate_pj=activate,
        host_operation_pj=host_price(hardware, table("horowitz")),
        leakage_mw=1e3 * hardware.arrays * (_places(hardware) * (multiply.leak_w + add.leak_w) + _leak_w(hardware)),
        source=f"hwcomponents at {node} nm (CACTI, Aladdin); DRAM and host from the tables that ship",
    )


def library_area(hardware: Hardware) -> Area:
    """Elements of a multiplier, an adder and two registers of 32 bits; memories as CACTI lays them out."""
    multiply, add, register = _arithmetic(hardware.energy.node_nm)
    element = multiply.area_m2 + add.area_m2 + 2 * register.area_m2
    memories = sum(part.area_m2 * banks for part, banks in _memories(hardware))
    return Area(1e6 * hardware.arrays * _places(hardware) * element, 1e6 * hardware.arrays * memories)


def _places(hardware: Hardware) -> int:
    return hardware.array.rows * hardware.array.cols


def _leak_w(hardware: Hardware) -> float:
    return sum(part.leak_w * banks for part, banks in _memories(hardware))


def _memories(hardware: Hardware) -> list[tuple[_Part, int]]:
    """(a bank, how many) for each buffer of an array."""
    if hardware.buffers is None:
        return []
    node = hardware.energy.node_nm
    return [
        (_sram(node, int(buffer_bank(hardware, name))), getattr(hardware.buffers, name).banks) for name in BUFFERS
    ]  # fmt: skip


@lru_cache(maxsize=256)
def _sram(node_nm: int, size_bytes: int) -> _Part:
    cacti = _module("hwcomponents_cacti")
    try:
        memory = cacti.SRAM(tech_node=node_nm * 1e-9, width=SRAM_BITS, size=size_bytes * 8)
        return _Part(memory.read().energy, memory.write().energy, memory.area, memory.leak_power)
    except Exception as error:  # the library raises bare Exception when its CACTI binary fails
        raise ValueError(
            f"energy.table: hwcomponents: CACTI gave nothing for {size_bytes} bytes at {node_nm} nm; "
            "docs/decisions/energy.md says how to rebuild its binary"
        ) from error


@lru_cache(maxsize=8)
def _arithmetic(node_nm: int) -> tuple[_Part, _Part, _Part]:
    """(8-bit multiplier, 32-bit adder, 32-bit register)."""
    aladdin, node = _module("hwcomponents_library.library.aladdin"), node_nm * 1e-9
    multiplier = aladdin.AladdinMultiplier(tech_node=node, width_a=8, width_b=8)
    adder, register = aladdin.AladdinAdder(tech_node=node, width=32), aladdin.AladdinRegister(tech_node=node, width=32)
    return (
        _Part(multiplier.multiply().energy, 0.0, multiplier.area, multiplier.leak_power),
        _Part(adder.add().energy, 0.0, adder.area, adder.leak_power),
        _Part(register.read().energy, register.write().energy, register.area, register.leak_power),
    )


def _module(name: str) -> Any:  # Any: the library has no types
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError as error:
        raise ValueError(
            "energy.table: hwcomponents is not installed; it needs Python 3.12: pip install 'codesign[hwcomponents]'"
        ) from error
