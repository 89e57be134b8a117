"""The command `codesign`: one module a verb; what a verb needs is imported when it runs."""

from __future__ import annotations

import os
import sys
from importlib import import_module

VERBS = ("run", "sweep", "search", "report", "compare", "simulate", "ls", "check")
"""Each is a function of that name in the module of that name here. At the top of such a module stand typer and the
standard library only, so that `codesign --help` answers at once."""


def main() -> None:
    """Run the verb that the command line names. Exit status: 0 done, 2 bad input, 1 a defect of ours."""
    try:
        _app()()
    except (ValueError, OSError) as problem:
        if os.environ.get("CODESIGN_TRACEBACK"):
            raise
        print(f"codesign: {' '.join(str(problem).split())}", file=sys.stderr)
        sys.exit(2)


def _app() -> object:
    import typer

    app = typer.Typer(
        name="codesign",
        help="Prune real transformers in blocks that match a systolic array, simulate what that saves, "
        "and see the trade against quality.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    for verb in VERBS:
        app.command(verb)(getattr(import_module(f"codesign.cli.{verb}"), verb))
    return app
