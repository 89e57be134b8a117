"""`codesign sweep`: every design of a space, or of several, into one store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = """Examples:

codesign sweep speech --out results/speech

codesign sweep space.yaml --out results/mine --workers 8

codesign sweep speech-few llm-few vit-few --out out/three"""


def sweep(
    spaces: Annotated[list[str], typer.Argument(help="Space files, or names that ship (codesign ls spaces).")],
    out: Annotated[Path, typer.Option(help="The store: continued where it is there.")],
    workers: Annotated[int | None, typer.Option(min=1, help="Local processes; default: one a core.")] = None,
    executor: Annotated[str, typer.Option(help="local or dask.")] = "local",
    scheduler: Annotated[str | None, typer.Option(help="Address of the Dask scheduler.")] = None,
    layers: Annotated[
        bool, typer.Option(help="Keep figures by layer; a sweep of 10,000 machines is faster without.")
    ] = True,
    retry_errors: Annotated[bool, typer.Option("--retry-errors", help="Try failed designs again.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="A summary as one JSON document on stdout.")] = False,
) -> None:
    """Every design of one space or several, in parallel; what is in the store already is not done again."""
    import json
    from dataclasses import asdict

    from codesign.cli.progress import Progress
    from codesign.explore.aside import wishes_files
    from codesign.explore.choices import space_file
    from codesign.explore.executors import chosen
    from codesign.explore.space import Space
    from codesign.explore.sweep import sweep as run

    asked = [Space.load(space_file(space)) for space in spaces]
    designs = [design for space in asked for design in space.designs()]
    beside = {name: content for space in asked for name, content in wishes_files(space).items()}
    with chosen(executor, scheduler) as hands, Progress(len(designs)) as progress:
        summary = run(designs, out, hands, workers, progress.step, retry_errors, layers, beside)
    if as_json:
        print(json.dumps({**asdict(summary), "store": str(out)}))
    else:
        print(
            f"{summary.wanted} designs: {summary.found} were there, {summary.wanted - summary.found} done now, "
            f"{summary.failed} of them failed; rows in {out / 'rows.jsonl'}"
        )
