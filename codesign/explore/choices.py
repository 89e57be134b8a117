"""Where names become objects: machines, workloads, pruning specs. Behind this file there are no strings to compare."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from codesign.explore.complaint import nearest
from codesign.explore.design import Design, PruneChoice, Scalar
from codesign.explore.stages import Loaded
from hw_models import Hardware

if TYPE_CHECKING:
    from codesign.pruning import PruneSpec
    from hw_models import Program

Items = tuple[tuple[str, Scalar], ...]
SPACES = Path(__file__).parent / "spaces"


def machine(design: Design) -> Hardware:
    """The machine that the design asks for, with its weight format."""
    changes = dict(design.hardware)
    if design.weight_format != "machine":
        changes["array.weight_format"] = design.weight_format
    return _machine(tuple(changes.items()))


def reference(design: Design) -> Hardware:
    """The machine that the design is compared with; its own where it names none."""
    return machine(design) if design.reference is None else _machine(tuple(design.reference.items()))


@lru_cache(4096)
def _machine(items: Items) -> Hardware:
    fields = dict(items)
    base = _base(str(fields.pop("base", "edge16")))
    return base.with_(**fields) if fields else base


@cache
def _base(name: str) -> Hardware:
    return Hardware.load(name)


def with_block(design: Design) -> Design:
    """The same design with `block: array` written out: (out, in) is (cols, rows) of its array."""
    if design.prune.block != "array" or design.prune.units:
        return design
    array = machine(design).array
    prune = PruneChoice.model_validate({**design.prune.model_dump(), "block": f"{array.cols}x{array.rows}"})
    return Design.model_validate({**design.model_dump(), "prune": prune})


def design_key(design: Design) -> str:
    """The key of the design's row: of its content, of the machines it names, of this version of the tool."""
    named = [design.hardware, design.reference or {}]
    return design.key(tool_version(), tuple(_base(str(one.get("base", "edge16"))).digest for one in named))


@cache
def tool_version() -> str:
    """As installed."""
    return version("codesign")


def workload(choice: dict[str, Scalar]) -> Loaded:
    """The workload of that name, loaded once a process (the last two are kept)."""
    if "name" not in choice:
        raise ValueError(f"workload: {choice}: want a name (codesign ls workloads), or shapes (codesign ls shapes)")
    return _workload(tuple(choice.items()))


@lru_cache(2)
def _workload(items: Items) -> Loaded:
    from codesign.workloads import load

    options = dict(items)
    return Loaded(load(str(options.pop("name")), **options))


def shapes(choice: dict[str, Scalar]) -> Program:
    """A network without weights: `{shapes: vit-base, seq: 197, batch: 1}`."""
    from hw_models.shapes import shape_program

    known = {"shapes", "seq", "batch"}
    for name in choice.keys() - known:
        raise ValueError(f"workload: {name}: no such field beside shapes{nearest(name, known)} (fields: seq, batch)")
    seq = choice.get("seq")
    return shape_program(str(choice["shapes"]), None if seq is None else int(seq), int(choice.get("batch", 1)))


def prune_spec(design: Design) -> PruneSpec:
    """What the pruner is asked for; of a budget in cycles, which it does not know, the ratio is yet to be found."""
    from codesign.pruning import Block, PruneSpec

    prune, block = design.prune, design.prune.block_shape()
    return PruneSpec(
        method=prune.method, ratio=prune.ratio, block=Block(*block) if block else None, scope=prune.scope,
        ranking=prune.ranking, repair=prune.repair, seed=design.seed, options=prune.options,
        repair_options=prune.repair_options, units=tuple(filter(None, prune.units.split("+"))),  # type: ignore[arg-type]  # PruneSpec checks them
        align=prune.align, budget="params" if prune.budget == "cycles" else prune.budget, protect=prune.protect,
    )  # fmt: skip


def check_pruning(designs: Iterable[Design]) -> None:
    """ValueError where one that has a model names a method, a repair or an option that there is none of."""
    asked = {design.prune.model_dump_json(): design for design in designs if not design.hardware_only}
    if not asked:
        return
    from codesign.pruning.prune import method, repair

    for spec in map(prune_spec, asked.values()):
        method(spec)
        repair(spec)


def space_file(name: str) -> Path:
    """A file, or a space that ships: `speech`."""
    path, shipped = Path(name), SPACES / f"{name}.yaml"
    if path.is_file() or not shipped.is_file():
        if not path.is_file():
            names = shipped_spaces()
            raise ValueError(f"space: {name!r} is neither a file nor one of {', '.join(names)}{nearest(name, names)}")
        return path
    return shipped


def shipped_spaces() -> list[str]:
    """Names of the spaces that ship."""
    return sorted(path.stem for path in SPACES.glob("*.yaml"))
