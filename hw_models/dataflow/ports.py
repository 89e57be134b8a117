"""How many cycles one row of operands takes through the ports and buffers that bring it."""

from __future__ import annotations

from math import ceil
from typing import Literal

from hw_models.hardware import Hardware


def cycles_per_row(bits: int, operand: Literal["activation", "weight"], hardware: Hardware) -> int:
    """At least one; more where the array's port or the buffer's banks are narrower than the row."""
    widths = [hardware.array.port_bits]
    if hardware.buffers is not None:
        widths.append(getattr(hardware.buffers, operand).bits_per_cycle)
    return max([1, *(ceil(bits / width) for width in widths if width is not None)])
