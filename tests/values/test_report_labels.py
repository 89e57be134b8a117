"""Two rows of one plot have one name only where they are of one kind."""

from __future__ import annotations

import json
from dataclasses import replace

from codesign.report.labels import labelled
from codesign.rows import Row
from codesign.rows.frame import frame


def _kinds(*rows: Row) -> list[str]:
    return list(labelled(frame(rows))["kind"])


def test_options_and_units_are_part_of_the_name(made_rows: list[Row]) -> None:
    pruned = replace(made_rows[1], method="flap", repair="none", pruned_ratio=0.2)

    def told(**prune: object) -> str:
        return _kinds(replace(pruned, design_json=json.dumps({"prune": prune})))[0]

    assert told(options={"bias": False}, units="neuron") == "flap bias=False neuron" != told(units="neuron")


def test_the_ranking_is_told_where_the_name_does_not_tell_two_rows_of_a_machine_apart(made_rows: list[Row]) -> None:
    dense, one = made_rows[0], replace(made_rows[1], method="wanda", repair="none", ranking="global")
    assert _kinds(dense, one) == ["dense", "wanda"]
    within = replace(one, ranking="layer")
    assert _kinds(dense, one, within) == ["dense", "wanda, ranked over all layers", "wanda, ranked within layers"]
    elsewhere = replace(within, hardware="another machine")
    assert _kinds(one, elsewhere) == ["wanda", "wanda"]


def test_two_sizes_of_block_on_one_machine_are_two_lines(made_rows: list[Row]) -> None:
    small = replace(made_rows[1], method="wanda", repair="none", block_rows=4, block_cols=4)
    assert _kinds(small, replace(small, block_rows=8, block_cols=8)) == ["wanda, 4×4 blocks", "wanda, 8×8 blocks"]


def test_what_removes_units_has_no_block_to_tell(made_rows: list[Row]) -> None:
    units = replace(made_rows[1], method="flap", repair="none", block_rows=None, block_cols=None)
    assert _kinds(units, replace(units, block_rows=8, block_cols=8)) == ["flap, units", "flap, 8×8 blocks"]
