"""Counts times prices."""

from __future__ import annotations

from hw_models.cost import Counts, Energy, Real
from hw_models.energy.prices import BUFFERS, Prices, prices_of
from hw_models.hardware import FORMAT_BYTES, SUM_BYTES, Hardware


def price(counts: Counts, hardware: Hardware) -> Energy:
    """Energy of what was counted; numbers in, numbers out, and arrays in, arrays out.

    `ValueError` where the machine's table has no figure for a format that was counted.
    """
    prices = prices_of(hardware)
    read_pj, write_pj = _sram(counts, prices)
    return Energy(
        mac_pj=_macs(counts, prices, hardware),
        register_pj=_register_bits(counts, hardware) * prices.register_bit_pj,
        sram_pj=read_pj + write_pj,
        dram_pj=counts.dram_read_bytes * prices.dram_read_byte_pj
        + counts.dram_write_bytes * prices.dram_write_byte_pj
        + counts.dram_activates * prices.dram_activate_pj,
        host_pj=counts.host_operations * prices.host_operation_pj,
        leakage_pj=counts.cycles * (prices.leakage_mw * 1000 / hardware.clock_mhz),  # mW x ns = pJ
    )


def _macs(counts: Counts, prices: Prices, hardware: Hardware) -> Real:
    total: Real = 0.0
    for formats, done in counts.macs.items():
        if formats not in prices.mac_pj:
            raise ValueError(
                f"hardware {hardware.name}: energy.table: {hardware.energy.table} has no figure for "
                f"{' x '.join(formats)}; horowitz has one for every format"
            )
        total = total + done * prices.mac_pj[formats]
    return total


def _register_bits(counts: Counts, hardware: Hardware) -> Real:
    """Bits written into registers of elements; a bit looked at by the tile gate counts as one."""
    activation, weight = (
        FORMAT_BYTES[name] for name in (hardware.array.activation_format, hardware.array.weight_format)
    )
    written = (
        counts.activation_register_writes * activation
        + counts.weight_register_writes * weight
        + counts.sum_register_writes * SUM_BYTES
    )
    return 8.0 * written + counts.mask_bits


def _sram(counts: Counts, prices: Prices) -> tuple[Real, Real]:
    """(pJ of reads, pJ of writes) of all buffers."""
    reads: Real = 0.0
    writes: Real = 0.0
    for name in BUFFERS:
        reads = reads + getattr(counts, f"{name}_sram_read_bytes") * prices.sram_read_byte_pj[name]
        writes = writes + getattr(counts, f"{name}_sram_write_bytes") * prices.sram_write_byte_pj[name]
    return reads, writes
