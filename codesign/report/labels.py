"""What a reader calls a row: its method and its array, in as few words as keep two of one plot apart."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

DENSE = "dense"


def labelled(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with columns `array`, as `8×8`, and `kind`: what pruned them.

    A kind is `wanda + least_squares`, or `dense` where nothing was removed. Options, units, scope, ranking and block
    are told where two rows of one machine would have the same name without: `flap` and `flap, bias=False`.
    """
    import pandas as pd

    asked = [json.loads(design or "{}").get("prune", {}) for design in rows["design_json"]]
    repaired = rows["method"] + (" + " + rows["repair"]).where(rows["repair"] != "none", "")
    table = pd.DataFrame({
        "workload": rows["workload"],
        "hardware": rows["hardware"],
        "kind": repaired.where(rows["pruned_ratio"] > 0, DENSE),
        "options": [_options(one) for one in asked],
        "units": [one.get("units", "") for one in asked],
        "scope": rows["scope"],
        "ranking": "ranked " + rows["ranking"].map({"layer": "within layers", "global": "over all layers"}),
        "block": [_block(down, across) for down, across in zip(rows["block_rows"], rows["block_cols"], strict=True)],
    })  # fmt: skip
    for column in ("options", "units", "scope", "ranking", "block"):
        several = table.groupby(["workload", "hardware", "kind"])[column].transform("nunique") > 1
        told = several.groupby([table["workload"], table["kind"]]).transform("any") & (table["kind"] != DENSE)
        table["kind"] += np.where(told & (table[column] != ""), ", " + table[column], "")
    array = [f"{down}×{across}" for down, across in zip(rows["array_rows"], rows["array_cols"], strict=True)]
    return rows.assign(array=array, kind=table["kind"])


def kinds(rows: pd.DataFrame) -> list[str]:
    """The kinds of labelled rows in an order that every figure shares, so that each keeps its colour; dense is last."""
    return sorted(rows["kind"].unique(), key=lambda kind: (kind == DENSE, kind))


def _options(asked: dict[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in asked.get("options", {}).items())


def _block(rows: object, cols: object) -> str:
    return f"{rows}×{cols} blocks" if isinstance(rows, int | np.integer) else ""
