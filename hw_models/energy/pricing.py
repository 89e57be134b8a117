"""Counts times prices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hw_models.cost import Counts, Energy, Whole
from hw_models.energy.prices import BUFFERS, Prices, prices_of
from hw_models.hardware import FORMAT_BYTES, SUM_BYTES, Hardware


def price(counts: Counts, hardware: Hardware) -> Energy:
    """Energy of what was counted; numbers in, numbers out, and arrays in, arrays out.

    `ValueError` where the machine's table has no figure for a format that was counted.
    """
    prices = prices_of(hardware)
    return Energy(
        mac_pj=_macs(counts, prices, hardware),
        register_pj=_times((written, bits * prices.register_bit_pj) for written, bits in _registers(counts, hardware)),
        sram_pj=_sram(counts, prices),
        dram_pj=_times(
            [
                (counts.dram_read_bytes, prices.dram_read_byte_pj),
                (counts.dram_write_bytes, prices.dram_write_byte_pj),
                (counts.dram_activates, prices.dram_activate_pj),
            ]
        ),
        host_pj=_times([(counts.host_operations, prices.host_operation_pj)]),
        leakage_pj=_times([(counts.cycles, prices.leakage_mw * 1000 / hardware.clock_mhz)]),  # mW x ns = pJ
    )


def _times(terms: Iterable[tuple[Whole, float]]) -> Any:  # Any: float of numbers, array of arrays
    """Sum of counts times prices."""
    return sum((count * each for count, each in terms), 0.0)


def _macs(counts: Counts, prices: Prices, hardware: Hardware) -> Any:  # Any: as _times
    for formats in counts.macs:
        if formats not in prices.mac_pj:
            raise ValueError(
                f"hardware {hardware.name}: energy.table: {hardware.energy.table} has no figure for "
                f"{' x '.join(formats)}; horowitz has one for every format"
            )
    return _times((done, prices.mac_pj[formats]) for formats, done in counts.macs.items())


def _registers(counts: Counts, hardware: Hardware) -> tuple[tuple[Whole, int], ...]:
    """(registers written in elements, bits of each); a bit looked at by the tile gate counts as one."""
    array = hardware.array
    return (
        (counts.activation_register_writes, 8 * FORMAT_BYTES[array.activation_format]),
        (counts.weight_register_writes, 8 * FORMAT_BYTES[array.weight_format]),
        (counts.sum_register_writes, 8 * SUM_BYTES),
        (counts.mask_bits, 1),
    )


def _sram(counts: Counts, prices: Prices) -> Any:  # Any: as _times
    """Reads and writes of all buffers."""
    reads = ((getattr(counts, f"{name}_sram_read_bytes"), prices.sram_read_byte_pj[name]) for name in BUFFERS)
    writes = ((getattr(counts, f"{name}_sram_write_bytes"), prices.sram_write_byte_pj[name]) for name in BUFFERS)
    return _times([*reads, *writes])
