"""rtl/sram_1r1w.sv: a word is kept until it is asked for, and then until the next one is."""


def test_a_read_beside_a_write_gets_the_old_word_and_keeps_it(play):
    inputs = {
        "write_i": [1, 1, 1, 0, 0],
        "write_addr_i": [2, 3, 2, 0, 0],
        "data_i": [11, 22, 33, 0, 0],
        "read_i": [0, 0, 1, 0, 1],
        "read_addr_i": [0, 0, 2, 3, 2],
    }
    said = play("sram_1r1w", {}, {name: [*values, 0] for name, values in inputs.items()}, ["data_o"])["data_o"]
    assert said[3:] == [11, 11, 33]
