"""rtl/int8_to_float.sv: all 256 weights, exact."""


def test_every_weight_is_exact(play):
    weights = range(-128, 128)
    words = play("int8_to_float", {}, {"int_i": [weight & 255 for weight in weights]}, ["float_o"])["float_o"]
    assert [_value(word) for word in words] == list(weights)


def _value(word: int) -> float:
    sign, exponent, fraction = word >> 11, word >> 7 & 15, word & 127
    return 0 if exponent == 0 else (-1) ** sign * (1 + fraction / 128) * 2.0 ** (exponent - 1)
