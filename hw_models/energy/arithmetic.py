"""What a multiplier and an adder of mixed formats take, derived from those of one format."""

from __future__ import annotations

from hw_models.cost import Formats
from hw_models.energy.table import Table
from hw_models.hardware import FORMAT_BYTES

MANTISSA_BITS = {"fp16": 11, "bf16": 8, "fp32": 24}
INT8_BITS = 7  # of a sign and a magnitude, as SASP's hybrid multiplier takes its weights


def mac_prices(constants: Table, node_nm: int) -> dict[Formats, float]:
    """A multiply and the add to the sum (int32 behind int8 x int8, fp32 behind the rest) for the formats it knows."""
    known = {"int8", *constants.keys("multiply_pj")}
    pairs = [(activation, weight) for activation in FORMAT_BYTES for weight in FORMAT_BYTES]
    return {
        pair: multiply_of(constants, "multiply_pj", pair, node_nm) + constants.at("add_pj", sum_format(pair), node_nm)
        for pair in pairs
        if known.issuperset(pair)
    }


def sum_format(pair: Formats) -> str:
    """What the products of these formats are summed in."""
    return "int32" if pair == ("int8", "int8") else "fp32"


def multiply_of(constants: Table, quantity: str, pair: Formats, node_nm: int, curve: str = "logic_energy") -> float:
    """A multiplier's figure: of the wider of two formats; beside int8, in proportion to the partial products.

    A float of m mantissa bits by an int8 weight of 7 magnitude bits makes m x 7 partial products instead of m x m.
    """
    floats = [each for each in pair if each != "int8"]
    if not floats:
        return constants.at(quantity, "int8", node_nm, curve)
    wider = max(floats, key=lambda each: MANTISSA_BITS[each])
    share = INT8_BITS / MANTISSA_BITS[wider] if len(floats) == 1 else 1.0
    return share * constants.at(quantity, wider, node_nm, curve)
