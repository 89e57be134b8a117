"""Two rows of one plot have one name only where they are of one kind."""

from __future__ import annotations

import json
from dataclasses import replace

from codesign.report.labels import labelled
from codesign.rows import Row
from codesign.rows.frame import frame


def _kinds(*rows: Row) -> list[str]:
    return list(labelled(frame(rows))["kind"])


def test_options_and_units_are_told_where_they_differ(made_rows: list[Row]) -> None:
    pruned = replace(made_rows[1], method="flap", repair="none", pruned_ratio=0.2, block_rows=None, block_cols=None)

    def asked(**prune: object) -> Row:
        return replace(pruned, design_json=json.dumps({"prune": prune}))

    plain, bare = asked(units="neuron"), asked(units="neuron", options={"bias": False})
    assert _kinds(bare) == ["flap"]
    assert _kinds(plain, bare) == ["flap", "flap, bias=False"]
    assert _kinds(plain, asked(units="query_head")) == ["flap, neuron", "flap, query_head"]


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


def test_units_beside_blocks(made_rows: list[Row]) -> None:
    asked = json.dumps({"prune": {"units": "neuron"}})
    units = replace(made_rows[1], method="flap", repair="none", block_rows=None, block_cols=None, design_json=asked)
    blocks = replace(units, block_rows=8, block_cols=8, design_json=json.dumps({"prune": {"block": "8x8"}}))
    assert _kinds(units, blocks) == ["flap, neuron", "flap"]
