"""`codesign search`: a space too large to sweep, within a budget."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = """Examples:

codesign search space.yaml --out results/found --budget 200

codesign search space.yaml --out results/found --budget 200 --sampler nsga3 --sampler tpe"""


def search(
    space: Annotated[str, typer.Argument(help="A space file, or one that ships.")],
    out: Annotated[Path, typer.Option(help="The store: continued where it is there.")],
    budget: Annotated[int, typer.Option(min=1, help="Evaluations for each sampler.")] = 100,
    sampler: Annotated[
        list[str] | None, typer.Option(help="tpe, nsga2 or nsga3; several are compared. random is always run.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the samplers.")] = 0,
    workers: Annotated[int | None, typer.Option(min=1, help="Local processes; default: one a core.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Multi-objective search in a space; what its bounds show to be beaten is neither simulated nor judged."""
    import json
    import sys

    from codesign.explore.choices import space_file
    from codesign.explore.search import search as run
    from codesign.explore.space import Space
    from codesign.report.searches import summaries

    def watch(name: str, found: object, done: int, wanted: int) -> None:
        if done % max(1, wanted // 20) == 0:
            print(f"{name}: {done}/{wanted} evaluations", file=sys.stderr)

    samplers = tuple(dict.fromkeys(["random", *(sampler or ["tpe"])]))
    run(Space.load(space_file(space)), out, budget, samplers, seed, workers, watch)
    found = summaries(out)
    if as_json:
        print(json.dumps(found))
        return
    for one in found:
        share = "" if one["share"] is None else f", {one['share']:.1%} of that of all rows here"
        count = f"{one['sampler']:<8}{one['evaluations']:>6} evaluations, {one['skipped']:>6} skipped"
        print(f"{count}, hypervolume {one['hypervolume']:.6g}{share}")
