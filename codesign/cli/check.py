"""`codesign check`: is a file good, and what is in it?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = """Examples:

codesign check space.yaml machine.yaml

codesign check results/speech --json"""


def check(
    files: Annotated[list[Path], typer.Argument(help="Space, machine, topology, mask, plan, or a store.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Validate any file that the tool reads; say what it is, and of a space, what it will take."""
    import json

    from codesign.explore.inspect import inspect

    found = [inspect(path) for path in files]
    print(
        json.dumps(found) if as_json else "\n".join(f"{one['file']}: {one['kind']}: {one['summary']}" for one in found)
    )
