"""What a reader calls a row: its method and its array, in as few words as keep two of one plot apart."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

DENSE = "dense"


def labelled(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with columns `array`, as `8×8`, and `kind`: what pruned them.

    A kind is `wanda + least_squares`; with options and units if any, `flap bias=False neuron`; `dense` where nothing
    was removed. Scope, ranking and block are told where two rows of one machine would have the same name without.
    """
    import pandas as pd

    table = pd.DataFrame({
        "workload": rows["workload"],
        "hardware": rows["hardware"],
        "scope": rows["scope"],
        "ranking": "ranked " + rows["ranking"].map({"layer": "within layers", "global": "over all layers"}),
        "block": [_block(down, across) for down, across in zip(rows["block_rows"], rows["block_cols"], strict=True)],
        "kind": [
            _kind(*row)
            for row in zip(rows["method"], rows["repair"], rows["pruned_ratio"], rows["design_json"], strict=True)
        ],
    })  # fmt: skip
    pruned = table["kind"] != DENSE
    kind = table["kind"].copy()
    for column in ("scope", "ranking", "block"):
        several = table.groupby(["workload", "hardware", "kind"])[column].transform("nunique") > 1
        told = several.groupby([table["workload"], table["kind"]]).transform("any") & pruned
        kind += np.where(told, ", " + table[column], "")
    array = [f"{down}×{across}" for down, across in zip(rows["array_rows"], rows["array_cols"], strict=True)]
    return rows.assign(array=array, kind=kind)


def _block(rows: object, cols: object) -> str:
    return f"{rows}×{cols} blocks" if isinstance(rows, int | np.integer) else "units"


def _kind(method: str, repair: str, ratio: float, design: str | None) -> str:
    if not ratio:
        return DENSE
    asked = json.loads(design or "{}").get("prune", {})
    options = (f"{name}={value}" for name, value in asked.get("options", {}).items())
    name = " ".join(filter(None, (method, *options, asked.get("units", ""))))
    return name if repair == "none" else f"{name} + {repair}"
