"""`codesign run`: one design."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = """Examples:

codesign run --method wanda --repair least_squares --ratio 0.2 --block 16 --hardware edge16

codesign run --shapes vit-base --method random --ratio 0.5 --set array.size=32 --json"""


def run(
    workload: Annotated[str, typer.Option(help="A name (codesign ls workloads).")] = "speech",
    option: Annotated[
        list[str] | None, typer.Option("--option", "-o", metavar="NAME=VALUE", help="The workload's own.")
    ] = None,
    shapes: Annotated[str | None, typer.Option(help="Hardware only: a list of shapes (codesign ls shapes).")] = None,
    method: Annotated[str, typer.Option(help="Pruning method (codesign ls methods).")] = "magnitude",
    repair: Annotated[str, typer.Option(help="What mends the pruned layers.")] = "none",
    ratio: Annotated[float, typer.Option(help="Removed / all parameters in scope; 0 is dense.")] = 0.0,
    block: Annotated[str, typer.Option(help="(out)x(in), a side, or `array`.")] = "array",
    scope: Annotated[str, typer.Option(help="Which layers, by a name of the workload's.")] = "default",
    ranking: Annotated[str, typer.Option(help="global or layer.")] = "global",
    weight_format: Annotated[str, typer.Option(help="machine, fp32, fp16, bf16 or int8.")] = "machine",
    hardware: Annotated[str, typer.Option(help="A machine (codesign ls hardware) or a file.")] = "edge16",
    changes: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="Override a field of the machine.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
    design: Annotated[
        str | None,
        typer.Option(help="A whole design: JSON (a row's design_json) or a YAML file; nothing else is read."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Keep the row in this store.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """One design: prune, judge, simulate; one row."""
    import logging
    import sys

    from codesign.cli.show import row_text
    from codesign.explore.evaluate import trip
    from codesign.explore.space import one_design, pairs
    from codesign.explore.store import Store

    tree = {
        "workload": {"shapes": shapes} if shapes else {"name": workload},
        "prune": {
            "method": method,
            "repair": repair,
            "ratio": ratio,
            "block": block,
            "scope": scope,
            "ranking": ranking,
        },
        "hardware": {"base": hardware, **pairs(changes, "--set")},
        "weight_format": weight_format,
        "seed": seed,
    }
    tree["workload"].update(pairs(option, "--option"))  # type: ignore[attr-defined]
    logging.basicConfig(stream=sys.stderr, format="%(message)s")
    logging.getLogger("codesign").setLevel(logging.INFO)  # training, and how far an evaluation is
    outcome = trip(one_design(tree if design is None else design))
    if out is not None:
        store = Store(out)
        for name, content in outcome.aside.items():
            store.write_aside(name, content)
        store.append([outcome.row])
        store.close()
    print(outcome.row.to_json() if as_json else row_text(outcome.row))
