"""Rows as a table: from lines on disk to a data frame whose columns have the types the contract gives them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from codesign.rows.row import COLUMNS, KIND, Row

if TYPE_CHECKING:
    import pandas as pd

ROWS_FILE = "rows.jsonl"
_START = b'{"key": "'
_DTYPES = {"str": "object", "int": "Int64", "float": "float64"}


def whole_lines(text: bytes) -> list[bytes]:
    """The lines that were written to their end: a process killed in mid-write leaves a torn one, which is no row."""
    return [line for line in text.split(b"\n")[:-1] if line.startswith(_START) and line.endswith(b"}")]


def key_of(line: bytes) -> str:
    """The key of a whole line, without decoding the rest: a store of 100,000 rows opens in well under a second."""
    return line[len(_START) : line.index(b'"', len(_START))].decode()


def read(folder: Path) -> pd.DataFrame:
    """Every row of a store, one for each key (the last one written), in the order in which keys first appeared.

    Reads while a sweep goes on writing. Raises ValueError where the folder holds no store.
    """
    path = folder / ROWS_FILE
    if not path.is_file():
        raise ValueError(f"results {folder}: no {ROWS_FILE} in it; `codesign sweep FILE.yaml --out {folder}` makes one")
    latest = {key_of(line): line for line in whole_lines(path.read_bytes())}
    return _decode(b"\n".join(latest.values()))


def rows_by_key(folder: Path) -> dict[str, Row]:
    """The rows of a store that may be empty yet."""
    path = folder / ROWS_FILE
    lines = whole_lines(path.read_bytes()) if path.is_file() else []
    return {key_of(line): Row.of(json.loads(line)) for line in lines}


def frame(rows: Iterable[Row]) -> pd.DataFrame:
    """The same table from rows in memory."""
    return _decode(b"\n".join(row.to_json().encode() for row in rows))


def _decode(lines: bytes) -> pd.DataFrame:
    import pandas as pd
    import pyarrow as pa
    from pyarrow import json as arrow_json

    types = {"str": pa.string(), "int": pa.int64(), "float": pa.float64()}
    schema = pa.schema([(name, types[KIND[name]]) for name in COLUMNS])
    if not lines:
        return pd.DataFrame({name: pd.Series(dtype=_DTYPES[KIND[name]]) for name in COLUMNS})
    table = arrow_json.read_json(
        pa.BufferReader(lines + b"\n"),
        parse_options=arrow_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"),
        read_options=arrow_json.ReadOptions(block_size=1 << 24),
    )
    kept = {pa.int64(): pd.Int64Dtype(), pa.string(): pd.ArrowDtype(pa.string())}
    data = table.select(list(COLUMNS)).to_pandas(types_mapper=kept.get)
    for name in (name for name in COLUMNS if KIND[name] == "str"):
        data[name] = pd.Series(data[name].to_numpy(object, na_value=None), dtype="object")
    return data
