"""How results read on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codesign.rows import Row


def row_text(row: Row) -> str:
    """A row, one column a line, with units; what does not apply is left out."""
    from dataclasses import asdict

    from codesign.rows import UNIT

    told = {name: value for name, value in asdict(row).items() if value is not None}
    width = max(map(len, told))
    return "\n".join(f"{name:<{width}}  {_number(value)} {UNIT[name]}".rstrip() for name, value in told.items())


def table_text(members: Sequence[Mapping[str, object]]) -> str:
    """Columns as wide as their widest cell."""
    if not members:
        return "none"
    names = list(members[0])
    cells = [[str(member[name]) for name in names] for member in members]
    widths = [max(len(row[i]) for row in cells) for i in range(len(names))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    )


def _number(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
