"""What counts cost in picojoules and parts in square millimetres: a first table at 45 nm, to be replaced by the real one."""

from __future__ import annotations

from hw_models.cost import Area, Counts, Energy
from hw_models.hardware import FORMAT_BYTES, SUM_BYTES, Hardware

MAC_PJ = {"int8": 0.3, "fp16": 1.5, "bf16": 1.5, "fp32": 4.6}  # multiply and add at 45 nm, Horowitz, ISSCC 2014
HYBRID_PJ = 2.0  # fp32 activation by int8 weight, between the two
REGISTER_PJ_PER_BYTE, SRAM_PJ_PER_BYTE, DRAM_PJ_PER_BYTE = 0.1, 2.5, 64.0
HOST_PJ, LEAKAGE_PJ_PER_CYCLE = 100.0, 10.0


def price(counts: Counts, hardware: Hardware) -> Energy:
    """Energy of what was counted; arrays in, arrays out."""
    array = hardware.array
    mac = {formats: MAC_PJ[formats[0]] if formats[0] == formats[1] else HYBRID_PJ for formats in counts.macs}
    registers = (
        counts.activation_register_writes * FORMAT_BYTES[array.activation_format]
        + counts.weight_register_writes * FORMAT_BYTES[array.weight_format]
        + counts.sum_register_writes * SUM_BYTES
    )
    sram = (
        counts.activation_sram_read_bytes + counts.activation_sram_write_bytes
        + counts.weight_sram_read_bytes + counts.weight_sram_write_bytes
        + counts.output_sram_read_bytes + counts.output_sram_write_bytes
    )  # fmt: skip
    return Energy(
        mac_pj=sum((done * mac[formats] for formats, done in counts.macs.items()), 0.0),
        register_pj=registers * REGISTER_PJ_PER_BYTE,
        sram_pj=sram * SRAM_PJ_PER_BYTE,
        dram_pj=(counts.dram_read_bytes + counts.dram_write_bytes) * DRAM_PJ_PER_BYTE,
        host_pj=counts.host_operations * HOST_PJ,
        leakage_pj=counts.cycles * LEAKAGE_PJ_PER_CYCLE,
    )


def area(hardware: Hardware) -> Area:
    """Of the array and its memories."""
    buffers = hardware.buffers
    kib = buffers.activation.size_kib + buffers.weight.size_kib + buffers.output.size_kib if buffers else 0.0
    return Area(hardware.array.rows * hardware.array.cols * 0.01, kib * 0.01)
