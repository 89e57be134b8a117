"""What all machines share: the program with its masks, made once a plan, and what the pruned model is worth."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from codesign.explore import cache as kept
from codesign.explore import choices, stages
from codesign.explore.design import Design
from codesign.quality import Quality
from hw_models import Gemm, Program

if TYPE_CHECKING:
    from codesign.pruning import PrunePlan


@dataclass(frozen=True, eq=False)
class Prepared:
    """A plan, ready for any machine; what depends on no machine is counted once."""

    program: Program
    removed_parameters: int
    parameters: int  # of the whole model
    quality: Callable[[str], Quality]  # of the model with its weights in a format
    notes: Mapping[str, str]  # what a reader of a plot must know of the workload

    @cached_property
    def live_weights(self) -> int:
        """Of the program's weight matrices."""
        return sum(_live(op) for op in self._products if op.stationary_known)

    @cached_property
    def live_macs(self) -> int:
        """By weights that live, as pruned, and by operands that are no weights."""
        return sum(op.m * op.repeat * _live(op) for op in self._products)

    @property
    def _products(self) -> list[Gemm]:
        return [op for op in self.program.ops if isinstance(op, Gemm)]


def _live(op: Gemm) -> int:
    return op.tiles.live_elements if op.tiles else op.k * op.n


@lru_cache(4)
def prepare(plan_key: str) -> Prepared:
    """`plan_key` is the text of a design whose machine does not matter, unless its budget is in cycles."""
    design = Design.model_validate_json(plan_key)
    return _shapes(design) if design.hardware_only else _model(design)


def _model(design: Design) -> Prepared:
    loaded = choices.workload(design.workload)
    spec = choices.prune_spec(design)
    aim = (_machine_text(design),) if design.prune.budget == "cycles" else ()
    key = kept.content_key(loaded.content, json.dumps(asdict(spec), sort_keys=True), code_digest(), *aim)

    def whole() -> PrunePlan:
        return _plan(design.plan_key())

    def quality(form: str) -> Quality:
        plan = whole if spec.ratio else lambda: None
        return kept.quality(f"{key}-{form}", lambda: stages.evaluate(loaded.workload, plan(), form))

    masks = kept.masks(key, whole) if spec.ratio else None
    notes = {"model": loaded.workload.source, "data": loaded.workload.data.note}
    removed = masks.removed_parameters if masks else 0
    return Prepared(loaded.lower(masks), removed, loaded.parameters, quality, notes)


@lru_cache(1)
def _plan(plan_key: str) -> PrunePlan:
    """The last one alone is kept: with its mended weights it is as large as the model."""
    design = Design.model_validate_json(plan_key)
    loaded, spec = choices.workload(design.workload), choices.prune_spec(design)
    if design.prune.budget == "cycles":
        return loaded.prune_to_cycles(spec, choices.machine(design), design.engine)
    return loaded.prune(spec)


def _machine_text(design: Design) -> str:
    """What a plan for one machine hangs on beside the model: the machine, and the simulator's version."""
    return f"{choices.machine(design).model_dump_json()} {design.engine} {choices.tool_version()}"


def _shapes(design: Design) -> Prepared:
    from hw_models.random_masks import with_density

    program, prune = choices.shapes(design.workload), design.prune
    if prune.ratio:
        if prune.method != "random":
            raise ValueError(f"prune: method: {prune.method!r}: shapes have no weights to score; take 'random'")
        if prune.budget != "params":
            raise ValueError(f"prune: budget: {prune.budget!r}: shapes are pruned by parameters; take 'params'")
        block = prune.block_shape()
        if block is None:
            raise ValueError(f"prune: units: {prune.units!r}: shapes have no units to remove; take a block")
        program = with_density(program, 1 - prune.ratio, (block[1], block[0]), design.seed)
    weights = [op for op in program.ops if isinstance(op, Gemm) and op.stationary_known]
    removed = sum(op.k * op.n - op.tiles.live_elements for op in weights if op.tiles)
    notes = {"model": f"{program.name}, shapes only", "data": "random masks" if prune.ratio else ""}
    return Prepared(program, removed, sum(op.k * op.n for op in weights), _no_model, notes)


def _no_model(form: str) -> Quality:
    raise AssertionError(f"shapes have no model to judge in {form}")


@cache
def code_digest() -> str:
    """Of the code that prunes and judges: a result that other code made is not taken for this one's."""
    digest = hashlib.sha256()
    for part in ("pruning", "quality", "workloads"):
        for path in sorted((Path(__file__).parents[1] / part).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()
