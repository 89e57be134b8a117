"""Silicon: area of the array and its memories, and the power they leak.

An element is a multiplier, an adder and its registers; around the array stand the triangles of registers that skew what
goes in and straighten what comes out. Interfaces, control and wiring are left out, as in any sum of parts.
"""

from __future__ import annotations

from hw_models.cost import Area
from hw_models.energy.arithmetic import multiply_of, sum_format
from hw_models.energy.sram import law
from hw_models.energy.table import Table, table
from hw_models.hardware import FORMAT_BYTES, SUM_BYTES, Array, Buffer, Hardware

CACHE = Buffer(size_kib=32.0, banks=1)
"""Where operands stand on a machine without scratchpads: a cache, priced by access, its area not counted."""


def area(hardware: Hardware) -> Area:
    """Of all arrays and all their buffers."""
    if hardware.energy.table == "hwcomponents":
        from hw_models.energy.library import library_area

        return library_area(hardware)
    if hardware.energy.accelergy is not None:
        from hw_models.energy.accelergy import area_overridden

        return area_overridden(table_area(hardware), hardware.energy.accelergy)
    return table_area(hardware)


def table_area(hardware: Hardware) -> Area:
    """The same from the table alone."""
    constants, node = table(hardware.energy.table), hardware.energy.node_nm
    mm2 = law(_memories(hardware), "sram_mm2", node, "sram_area")
    return Area(
        array_mm2=hardware.arrays * array_um2(hardware.array, constants, node) / 1e6,
        sram_mm2=hardware.arrays * sum(mm2(bank) * count for bank, count in _banks(hardware)),
    )


def leakage_mw(hardware: Hardware) -> float:
    """Of arrays and buffers; the host and the DRAM leak on their own account."""
    constants, node = table(hardware.energy.table), hardware.energy.node_nm
    logic = constants.at("leakage_mw_mm2", node_nm=node, curve=None) * table_area(hardware).array_mm2
    leak = law(_memories(hardware), "sram_leak_mw", node)
    return logic + hardware.arrays * sum(leak(bank) * count for bank, count in _banks(hardware))


def array_um2(array: Array, constants: Table, node_nm: int) -> float:
    """R x C elements and the triangles at three edges (two bits of swap and valid go with each column of weights)."""
    formats = (array.activation_format, array.weight_format)
    element = (
        multiply_of(constants, "multiply_um2", formats, node_nm, "logic_area")
        + constants.at("add_um2", sum_format(formats), node_nm, "logic_area")
    )  # fmt: skip
    activation, weight, sums = (8 * size for size in (*(FORMAT_BYTES[name] for name in formats), SUM_BYTES))
    copies = 1 if array.overlap in ("serial", "wavefront") else 2
    bits = activation + copies * weight + sums * array.pe_stages
    edge_bits = activation * array.rows * (array.rows - 1) // 2
    edge_bits += (weight + 2 + sums) * array.cols * (array.cols - 1) // 2
    flip_flop = constants.at("flip_flop_um2", "", node_nm, "logic_area")
    places = array.rows * array.cols
    return places * element + (places * bits + edge_bits) * flip_flop


def _memories(hardware: Hardware) -> Table:
    """Area and leakage of SRAM: measured macros where the table has them, else CACTI."""
    own = table(hardware.energy.table)
    return own if own.keys("sram_mm2") else table("cacti")


def buffer_bank(hardware: Hardware, name: str) -> float:
    """Bytes of a bank of the named buffer."""
    buffer: Buffer = CACHE if hardware.buffers is None else getattr(hardware.buffers, name)
    return 1024 * buffer.size_kib / buffer.banks


def _banks(hardware: Hardware) -> list[tuple[float, int]]:
    """(bytes, number) of the banks that an array's buffers are made of."""
    if hardware.buffers is None:
        return []
    names = ("activation", "weight", "output")
    return [(buffer_bank(hardware, name), getattr(hardware.buffers, name).banks) for name in names]
