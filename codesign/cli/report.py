"""`codesign report`: figures, tables and a page from a store; or two stores compared."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = """Examples:

codesign report results/speech

codesign report results/before results/after"""


def report(
    store: Annotated[Path, typer.Argument(help="A folder of results.")],
    other: Annotated[Path | None, typer.Argument(help="A second one: say what moved from the first to it.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where to; default: into the store.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Draw a store: figures as PNG and SVG, the table as CSV and Parquet, one HTML page that needs no network,
    a notebook that draws the figures again.
    """
    import json
    import sys

    from codesign.report import build
    from codesign.report.compare import compare

    if other is not None:
        moved = compare(store, other)
        print(json.dumps(moved.as_dict()) if as_json else moved.text())
        return
    made = build(store, out, lambda what: print(f"drawing {what}", file=sys.stderr))
    if as_json:
        print(json.dumps(made.as_dict()))
        return
    print(f"page     {made.page}")
    where = made.figures[0].parent if made.figures else "none: no row has what they show"
    print(f"figures  {where} ({len(made.figures)} files)")
    print(f"tables   {', '.join(map(str, made.tables))}")
    print(f"gallery  {made.gallery} (a notebook)")
