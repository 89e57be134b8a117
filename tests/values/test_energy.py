"""Are energies and areas the sources' figures, and where they are not, worked by hand?"""

from dataclasses import fields, replace

import numpy as np
import pytest

from hw_models import Counts, Gemm, Hardware, Program, simulate
from hw_models.energy import area, price, prices_of
from hw_models.energy.sram import fit
from hw_models.energy.table import Constant, Table, constants, table

EDGE = Hardware.load("edge16")
ZERO = Counts(macs={}, **{field.name: 0 for field in fields(Counts) if field.name != "macs"})
NODES = (45, 28, 22, 7)


def at(node, name="horowitz", **changes):
    return EDGE.with_(**{"energy.node_nm": node, "energy.table": name, **changes})


def test_macs_at_45_nm_are_horowitz_sums():
    """A multiply and an add: 0.2 + 0.1, 1.1 + 0.9 (fp32 sums), 3.7 + 0.9; int8 weights: 3.7 x 7 / 24 + 0.9."""
    mac = prices_of(at(45)).mac_pj
    assert mac["int8", "int8"] == pytest.approx(0.3)
    assert mac["fp16", "fp16"] == pytest.approx(2.0)
    assert mac["bf16", "bf16"] == pytest.approx(0.68 + 0.9)
    assert mac["fp32", "fp32"] == pytest.approx(4.6)
    assert mac["fp32", "int8"] == pytest.approx(3.7 * 7 / 24 + 0.9)


def test_macs_at_7_nm_are_jouppis_sums():
    mac = prices_of(at(7)).mac_pj
    assert mac["int8", "int8"] == pytest.approx(0.07 + 0.03)
    assert mac["fp32", "fp32"] == pytest.approx(1.31 + 0.38)


def test_aladdin_is_what_hwcomponents_gave():
    """8-bit multiplier and 32-bit adder: 1.154 pJ at 45 nm, 0.592 at 28, 0.339 at 22, run with version 1.0.114."""
    for node, measured_pj in ((45, 1.154), (28, 0.592), (22, 0.339)):
        assert prices_of(at(node, "aladdin")).mac_pj["int8", "int8"] == pytest.approx(measured_pj, rel=2e-3)


def test_between_two_nodes_the_logarithms_are_linear():
    """At the geometric mean of 45 and 5 nm the figure is the geometric mean of the figures."""
    made = Table.__new__(Table)
    made.name = "made"
    rows = {node: Constant("made", "add_pj", "", node, value, "read", "") for node, value in ((45, 9.0), (5, 1.0))}
    made._rows = {("add_pj", ""): rows}
    assert made.at("add_pj", node_nm=15) == pytest.approx(3.0)


def test_an_sram_law_goes_through_its_points():
    law = fit({1024.0: 2.0, 4096.0: 4.0, 16384.0: 8.0})
    assert (law.a, law.b) == (pytest.approx(2.0 / 32), pytest.approx(0.5))
    assert law(65536) == pytest.approx(16.0)


def test_sram_law_is_within_six_percent_of_its_sources():
    """Horowitz's 8 KiB, 32 KiB and 1 MiB at 45 nm and Jouppi's at 7 nm lie that near to a power law."""
    sources = {45: {8: 10, 32: 20, 1024: 100}, 7: {8: 7.5, 32: 8.5, 1024: 14}}
    for node, figures in sources.items():
        for kib, energy_pj in figures.items():
            machine = at(node, **{"buffers.weight": {"size_kib": float(kib), "banks": 1}})
            assert 8 * prices_of(machine).sram_read_byte_pj["weight"] == pytest.approx(energy_pj, rel=0.06)


def test_cacti_and_horowitz_agree_on_sram_within_a_factor_of_two_at_45_nm():
    for name in ("activation", "output"):
        ours, cacti = (prices_of(at(45, lineage)).sram_read_byte_pj[name] for lineage in ("horowitz", "aladdin"))
        assert 0.5 < cacti / ours < 2


@pytest.mark.parametrize("name", ["horowitz", "aladdin"])
def test_smaller_nodes_cost_less_but_dram_does_not_move(name):
    steps = [prices_of(at(node, name)) for node in NODES]
    for below, above in zip(steps[1:], steps[:-1], strict=True):
        assert below.mac_pj["fp32", "int8"] < above.mac_pj["fp32", "int8"]
        assert below.sram_read_byte_pj["weight"] < above.sram_read_byte_pj["weight"]
        assert below.register_bit_pj < above.register_bit_pj
        assert below.leakage_mw < above.leakage_mw
        assert below.host_operation_pj < above.host_operation_pj
        assert below.dram_read_byte_pj == above.dram_read_byte_pj
    areas = [area(at(node, name)) for node in NODES]
    assert areas == sorted(areas, key=lambda one: -one.total_mm2)


def test_dram_by_the_bit():
    """LPDDR4 at 8 pJ a bit is 64 pJ a byte; DDR4 whose rows are modelled: 6.1, 5.7 and 8.2 nJ a row."""
    assert prices_of(EDGE).dram_read_byte_pj == 64
    banks = {
        "channels": 1, "banks": 16, "row_bytes": 1024, "burst_bytes": 64, "activate_ns": 14.0, "precharge_ns": 14.0,
        "column_ns": 14.0, "refresh_interval_ns": 7800.0, "refresh_ns": 350.0,
    }  # fmt: skip
    ddr4 = prices_of(EDGE.with_(dram={"kind": "ddr4", "bandwidth_gb_s": 19.2, "banks": banks}))
    assert (ddr4.dram_read_byte_pj, ddr4.dram_write_byte_pj) == (pytest.approx(48.8), pytest.approx(45.6))
    assert ddr4.dram_activate_pj == 8200


def test_price_multiplies_counts_and_prices():
    machine, prices = at(45), prices_of(at(45))
    counts = replace(
        ZERO, macs={("fp32", "int8"): 10}, activation_register_writes=3, weight_register_writes=5,
        sum_register_writes=7, mask_bits=2, weight_sram_read_bytes=4, output_sram_write_bytes=6,
        dram_read_bytes=8, dram_write_bytes=1, host_operations=9, cycles=1000,
    )  # fmt: skip
    energy = price(counts, machine)
    assert energy.mac_pj == pytest.approx(10 * (3.7 * 7 / 24 + 0.9))
    assert energy.register_pj == pytest.approx((3 * 32 + 5 * 8 + 7 * 32 + 2) * 0.007)
    assert energy.sram_pj == pytest.approx(
        4 * prices.sram_read_byte_pj["weight"] + 6 * prices.sram_write_byte_pj["output"]
    )
    assert energy.dram_pj == pytest.approx(9 * 64)
    assert energy.host_pj == pytest.approx(9 * prices.host_operation_pj)
    assert energy.leakage_pj == pytest.approx(1000 * 2.0 * prices.leakage_mw)  # 2 ns a cycle, mW x ns = pJ
    assert energy.total_pj == pytest.approx(sum(energy.as_dict().values()) - energy.total_pj)


def test_arrays_of_counts_give_arrays_of_energies():
    counts = replace(ZERO, macs={("fp32", "int8"): np.array([1, 2])}, cycles=np.array([10, 20]))
    energy = price(counts, EDGE)
    assert energy.mac_pj[1] == 2 * energy.mac_pj[0]
    assert energy.leakage_pj[1] == 2 * energy.leakage_pj[0]


def test_the_largest_program_is_priced_without_overflow():
    """2^59 sums of 32 bits: their bits would not fit 64 bits if they were counted before they are priced."""
    energy = price(replace(ZERO, sum_register_writes=np.array([2**59])), at(45))
    assert energy.register_pj[0] == pytest.approx(2**59 * 32 * 0.007)


def test_leakage_runs_through_skipped_work_too():
    """A mask saves dynamic energy; what it leaves of the run still leaks in proportion to its cycles."""
    alive = np.zeros((48, 192), bool)
    alive[::2] = True
    dense, masked = (
        simulate(Program.of_gemm(m=197, k=768, n=3072, mask=mask, tile=tile), EDGE)
        for mask, tile in ((None, None), (alive, (16, 16)))
    )
    assert masked.energy.mac_pj == pytest.approx(dense.energy.mac_pj / 2)
    assert masked.energy.leakage_pj / masked.cycles == pytest.approx(dense.energy.leakage_pj / dense.cycles)


def test_area_of_an_element_by_hand():
    """1x1, serial, 45 nm: fp32 multiplier by 7 / 24, adder 4,184, 32 + 8 + 32 flip-flops of 4.52 um2."""
    machine = at(45, **{"array.size": 1, "array.overlap": "serial"})
    by_hand_um2 = 7700 * 7 / 24 + 4184 + 72 * 4.52
    assert area(machine).array_mm2 == pytest.approx(by_hand_um2 / 1e6)


def test_triangles_of_registers_around_the_array_by_hand():
    """2x2 with a second weight register: 4 elements, one skewed activation, one column of weights and sums."""
    machine = at(45, **{"array.size": 2, "array.overlap": "double_buffered"})
    element = 7700 * 7 / 24 + 4184 + (32 + 16 + 32) * 4.52
    assert area(machine).array_mm2 == pytest.approx((4 * element + (32 + 10 + 32) * 4.52) / 1e6)


def test_tpuv1_lies_within_a_factor_of_three_of_its_floor_plan():
    """Jouppi et al. 2017: at most 331 mm2 in all, 24 % of it matrix unit, 29 % unified buffer; ours has no wiring."""
    estimate = area(Hardware.load("tpuv1"))
    assert 331 * 0.24 / 5 < estimate.array_mm2 < 331 * 0.24
    assert 331 * 0.29 / 3 < estimate.sram_mm2 < 331 * 0.29


def test_tables_are_never_mixed():
    """A table holds the rows of its own name, and no row is without a source."""
    for row in constants():
        assert row.source, row
        assert row.how in ("read", "recalled", "derived", "measured")
    for name in ("horowitz", "aladdin"):
        assert {row.table for row in table(name).sources()} == {name}


def test_a_format_that_a_table_lacks_is_refused_when_it_is_priced():
    program = Program((Gemm("g", 4, 4, 4, activation_format="bf16"),))
    assert simulate(program, EDGE).energy.mac_pj > 0
    with pytest.raises(ValueError, match="aladdin has no figure for bf16"):
        _ = simulate(program, at(28, "aladdin")).energy


def test_every_output_names_table_node_and_source():
    source = simulate(Program.of_gemm(m=1, k=1, n=1), at(22)).as_dict()["energy_source"]
    assert (source["table"], source["node_nm"]) == ("horowitz", 22)
    assert "22 nm" in source["source"]
