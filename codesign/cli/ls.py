"""`codesign ls`: what there is to choose from."""

from __future__ import annotations

from typing import Annotated

import typer

EXAMPLES = """Examples:

codesign ls methods

codesign ls hardware --json"""


def ls(
    kind: Annotated[
        str,
        typer.Argument(
            help="methods, repairs, workloads, shapes, hardware, dataflows, objectives, metrics, spaces or columns."
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """List the members of a family, each with a sentence."""
    import json

    from codesign.cli.show import table_text
    from codesign.explore.catalogue import members

    found = members(kind)
    print(json.dumps(found) if as_json else table_text(found))
