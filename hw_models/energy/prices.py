"""What one of each action costs on a machine, and where that figure comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from hw_models.cost import Formats
from hw_models.energy.area import buffer_bank, leakage_mw
from hw_models.energy.arithmetic import mac_prices
from hw_models.energy.sram import law
from hw_models.energy.table import Table, table
from hw_models.hardware import Hardware

BUFFERS = ("activation", "weight", "output")
SRAM_TABLE = {"horowitz": "horowitz", "aladdin": "cacti", "sg13g2": "sg13g2"}


@dataclass(frozen=True)
class Prices:
    """Energy of each action in pJ, and the power that leaks all the time."""

    mac_pj: Mapping[Formats, float]
    register_bit_pj: float
    sram_read_byte_pj: Mapping[str, float]
    """By buffer: activation, weight, output."""
    sram_write_byte_pj: Mapping[str, float]
    dram_read_byte_pj: float
    dram_write_byte_pj: float
    dram_activate_pj: float
    host_operation_pj: float
    leakage_mw: float
    source: str


@lru_cache(maxsize=1024)
def prices_of(hardware: Hardware) -> Prices:
    """The prices that a machine's `energy` field asks for: a table that ships or the back-end, then an ERT over it."""
    if hardware.energy.table == "hwcomponents":
        from hw_models.energy.library import library_prices

        prices = library_prices(hardware)
    else:
        prices = table_prices(hardware)
    if hardware.energy.accelergy is None:
        return prices
    from hw_models.energy.accelergy import overridden

    return overridden(prices, hardware.energy.accelergy)


def table_prices(hardware: Hardware) -> Prices:
    """All prices from one lineage at the machine's node; DRAM has no node."""
    node, name = hardware.energy.node_nm, hardware.energy.table
    constants = table(name)
    read, write, activate = dram_prices(hardware)
    return Prices(
        mac_pj=mac_prices(constants, node),
        register_bit_pj=constants.at("register_bit_pj", node_nm=node),
        sram_read_byte_pj=_sram(hardware, "sram_64b_pj"),
        sram_write_byte_pj=_sram(hardware, "sram_write_64b_pj"),
        dram_read_byte_pj=read,
        dram_write_byte_pj=write,
        dram_activate_pj=activate,
        host_operation_pj=host_price(hardware, constants),
        leakage_mw=leakage_mw(hardware),
        source=f"table {name}, logic at {node} nm, DRAM without node; hw_models/energy/constants.csv names each source",
    )


def dram_prices(hardware: Hardware) -> tuple[float, float, float]:
    """(pJ a byte read, pJ a byte written, pJ a row opened).

    Where rows are modelled and the kind's figures are split, opening is priced apart; else a byte costs all-in.
    """
    if hardware.dram is None:
        return 0.0, 0.0, 0.0
    dram, kind = table("dram"), hardware.dram.kind
    if hardware.dram.banks is not None and kind in dram.keys("activate_pj"):
        reading, writing = dram.at("open_read_bit_pj", kind), dram.at("open_write_bit_pj", kind)
        return 8 * reading, 8 * writing, dram.at("activate_pj", kind)
    return 8 * dram.at("bit_pj", kind), 8 * dram.at("bit_pj", kind), 0.0


def host_price(hardware: Hardware, constants: Table) -> float:
    """An instruction of a core, one on all lanes of a SIMD core, or an operation of a vector unit's lane."""
    node, host = hardware.energy.node_nm, hardware.host
    instruction = table("host").at("instruction_pj", node_nm=node)
    arithmetic = (constants.at("add_pj", "fp32", node) + constants.at("multiply_pj", "fp32", node)) / 2
    if host.kind == "scalar":
        return instruction
    if host.kind == "simd":
        return instruction + host.lanes * arithmetic
    return arithmetic + 3 * 32 * constants.at("register_bit_pj", node_nm=node)  # two operands and a result


def _sram(hardware: Hardware, quantity: str) -> dict[str, float]:
    """In pJ a byte by buffer, from the law of a bank's size; a table without writes prices them as reads."""
    constants = table(SRAM_TABLE[hardware.energy.table])
    known = quantity if constants.keys(quantity) else "sram_64b_pj"
    energy_pj = law(constants, known, hardware.energy.node_nm)
    return {name: energy_pj(buffer_bank(hardware, name)) / 8 for name in BUFFERS}
