"""The columns that outsiders rely on, as the contract names them, in its order."""

from __future__ import annotations

import json

import pytest

from codesign.rows import COLUMNS, KIND, MEANING, UNIT, Row
from codesign.rows.frame import frame

CONTRACT = """
key workload method repair pruned_ratio block_rows block_cols scope ranking weight_format hardware array_rows array_cols
dataflow overlap seq batch seed design_json
quality_metric quality_unit quality_goal quality quality_dense quality_low quality_high quality_n quality_raw
weight_density mac_density tile_density params_removed_ratio
cycles cycles_dense speedup speedup_vs_reference latency_ms energy_uj energy_dense_uj energy_ratio area_mm2 edp
utilization bound_cycles dram_read_bytes dram_write_bytes
engine version git_commit wall_s error
""".split()  # noqa: SIM905  # as the contract writes them


GROWN = ["request"]  # since it was written


def test_columns_are_those_of_the_contract_and_what_it_grew_by() -> None:
    assert list(COLUMNS) == CONTRACT + GROWN


def test_every_column_says_what_it_is() -> None:
    assert all(MEANING[name] for name in COLUMNS)
    assert set(KIND.values()) == {"str", "int", "float"}
    assert set(UNIT) == set(COLUMNS)


def test_a_row_survives_json_and_a_table(made_rows: list[Row]) -> None:
    for row in made_rows:
        assert Row.of(json.loads(row.to_json())) == row
    table = frame(made_rows)
    assert list(table.columns) == CONTRACT + GROWN
    assert table["cycles"].tolist() == [row.cycles for row in made_rows]
    assert table["seq"].isna().all()
    assert table["error"].isna().all()


def test_json_of_a_row_is_json(made_rows: list[Row]) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        Row.of({**json.loads(made_rows[0].to_json()), "quality": float("nan")}).to_json()
