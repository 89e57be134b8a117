"""`codesign compare`: methods x ratios x arrays on one workload."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

EXAMPLES = """Examples:

codesign compare --out results/methods --method magnitude --method wanda+least_squares --ratio 0.1 --ratio 0.2

codesign compare --out results/llm --workload llm --method wanda --method random --array 16 --array 32 --seeds 3

codesign compare --out results/units --workload llm --units kv_group+neuron --method flap --method flap:bias=false"""


def compare(
    out: Annotated[Path, typer.Option(help="The store: continued where it is there.")],
    workload: Annotated[str, typer.Option(help="A name (codesign ls workloads).")] = "speech",
    option: Annotated[list[str] | None, typer.Option("--option", "-o", metavar="NAME=VALUE", help="Its own.")] = None,
    method: Annotated[
        list[str] | None,
        typer.Option(
            metavar="METHOD[:OPTION=VALUE,...][+REPAIR]", help="Several; default: magnitude, wanda+least_squares."
        ),
    ] = None,
    ratio: Annotated[list[float] | None, typer.Option(help="Several; default: 0.1, 0.2, 0.3.")] = None,
    array: Annotated[list[int] | None, typer.Option(help="Side of a square array, several; default: 8, 32.")] = None,
    block: Annotated[str, typer.Option(help="(out)x(in), a side, or `array`.")] = "array",
    units: Annotated[str, typer.Option(help="Whole units instead of blocks: neuron, query_head+neuron, ...")] = "",
    align: Annotated[int, typer.Option(min=1, help="What survives of a group of units is a multiple of this.")] = 1,
    budget: Annotated[str, typer.Option(help="What the ratio counts: params, macs or cycles.")] = "params",
    ranking: Annotated[str, typer.Option(help="global or layer.")] = "global",
    scope: Annotated[str, typer.Option(help="Which layers, by a name of the workload's.")] = "default",
    hardware: Annotated[str, typer.Option(help="The machine whose array is changed.")] = "edge16",
    changes: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="Override its fields.")
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Seeds for each design: intervals of what is random.")] = 1,
    workers: Annotated[int | None, typer.Option(min=1, help="Local processes; default: one a core.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Methods at equal removed parameters, on the same data and machines: a sweep, a report, and who wins where."""
    import json
    import sys

    from codesign.cli.progress import Progress
    from codesign.cli.show import table_text
    from codesign.explore.space import Space, pairs
    from codesign.explore.sweep import sweep
    from codesign.report import build
    from codesign.report.winners import winners

    ratios = [0.0, *(ratio or [0.1, 0.2, 0.3])]
    alike = {
        "ratio": ratios, "block": block, "units": units, "align": align, "budget": budget, "ranking": ranking,
        "scope": scope,
    }  # fmt: skip
    tree = {
        "workload": pairs(option, "--option") | {"name": workload},
        "prune": [asked(one) | alike for one in method or ["magnitude", "wanda+least_squares"]],
        "hardware": {**pairs(changes, "--set"), "base": hardware, "array.size": array or [8, 32]},
        "seed": list(range(seeds)),
    }
    space = Space.of(tree, "compare")
    designs = list(space.designs())
    with Progress(len(designs)) as progress:
        sweep(designs, out, workers=workers, watch=progress.step)
    page = build(out, progress=lambda what: print(f"drawing {what}", file=sys.stderr)).page
    won = winners(out)
    print(
        json.dumps({"page": str(page), "winners": won})
        if as_json
        else f"{table_text([_told(one) for one in won])}\npage  {page}"
    )


def asked(text: str) -> dict[str, Any]:
    """`flap:bias=false,metric=ifv+sequential` as fields of a `PruneChoice`."""
    from codesign.explore.space import pairs

    front, _, repair = text.partition("+")
    method, colon, options = front.partition(":")
    chosen = {"options": dict(pairs(options.split(","), "--method"))} if colon else {}
    return {"method": method, "repair": repair or "none", **chosen}


def _told(one: dict[str, object]) -> dict[str, object]:
    def share(value: object) -> str:
        return f"{float(value):.1%}" if isinstance(value, float) else "-"

    then = "" if one["next"] is None else f"then {one['next']} {one['next_quality']:.4g}"
    used = f"{share(one['macs_removed'])} of MACs removed, {share(one['cycles_saved'])} of cycles saved"
    over = f"{one['seeds']} seeds" if one["seeds"] != 1 else "samples"
    best = f"{one['best']} {one['quality']:.4g} ({one['quality_low']:.4g} to {one['quality_high']:.4g} over {over})"
    return {"array": one["array"], "rate": share(one["ratio"]), "best": best, "next": then, "used": used}
