"""rtl/accumulators.sv: adds up, row by row, also where the same row comes in every cycle (the bypass)."""

import numpy as np
import pytest


def test_sums_add_up_with_any_order_of_rows(play):
    chance, cycles = np.random.default_rng(0), 300
    address = chance.integers(0, 3, cycles)
    write = chance.random(cycles) < 0.8
    value = chance.integers(0, 1 << 16, cycles)
    held: dict[int, int] = {}
    init = []
    for at in range(cycles):
        fresh = int(address[at]) not in held or chance.random() < 0.1
        init.append(fresh)
        if write[at]:
            held[int(address[at])] = int(value[at]) if fresh else (held[int(address[at])] + int(value[at])) % (1 << 16)
    early = [*address.tolist(), 0, 1, 2, 0]  # the address comes a cycle before its sums; then all rows are read
    inputs = {
        "read_i": [1] * (cycles + 4),
        "read_addr_i": early,
        "write_i": [0, *write.tolist(), 0, 0, 0],
        "init_i": [0, *init, 0, 0, 0],
        "write_addr_i": [0, *address.tolist(), 0, 0, 0],
        "sum_i": [0, *value.tolist(), 0, 0, 0],
    }
    said = play("accumulators", {"Cols": 1, "SumBits": 16, "AddrBits": 2}, inputs, ["data_o"])["data_o"]
    assert said[cycles + 1 : cycles + 4] == [held[0], held[1], held[2]]


def test_sums_for_a_row_that_was_not_read_end_the_run(play):
    inputs = {"read_i": [0, 0, 0], "write_i": [0, 1, 0], "read_addr_i": [0] * 3, "write_addr_i": [0] * 3}
    rest = {"init_i": [0] * 3, "sum_i": [5] * 3}
    with pytest.raises(AssertionError, match="accumulators: sums for a row that was not read the cycle before"):
        play("accumulators", {"Cols": 1, "SumBits": 16, "AddrBits": 2}, {**inputs, **rest}, ["data_o"])
