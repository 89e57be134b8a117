"""The command `codesign`: one module a verb; what a verb needs is imported when it runs."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer

VERBS = ("run", "sweep", "search", "report", "compare", "simulate", "ls", "check")
"""Each is a function in the module of that name here, called `run` for `run.py` (`ls` for `ls.py`, ...). At the top of
such a module stand typer and the standard library only, so that `codesign --help` answers at once."""


def main() -> None:
    """Run the verb that the command line names. Exit status: 0 done, 2 bad input, 1 a defect of ours."""
    try:
        app()()
    except BrokenPipeError:  # the reader of our output has gone: `codesign ls shapes | head -1`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except (ValueError, OSError) as problem:
        if os.environ.get("CODESIGN_TRACEBACK"):
            raise
        print(f"codesign: {' '.join(str(problem).split())}", file=sys.stderr)
        sys.exit(2)


def app() -> typer.Typer:
    """All verbs."""
    import typer

    commands = typer.Typer(
        name="codesign",
        help="Prune real transformers in blocks that match a systolic array, simulate what that saves, "
        "and see the trade against quality.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for verb in VERBS:
        module = import_module(f"codesign.cli.{verb}")
        commands.command(verb, epilog=module.EXAMPLES)(getattr(module, verb))
    return commands
