"""The trip: prune, judge, lower, simulate, one row. The only file that calls the stages in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from time import perf_counter

from codesign.explore import choices
from codesign.explore.aside import layers_file, notes_file
from codesign.explore.design import Design
from codesign.explore.prepare import Prepared, prepare
from codesign.explore.record import Costs, Judged, failed_row, row
from codesign.rows import Row
from hw_models import Cost, Hardware, simulate
from hw_models.simulation import Engine


@dataclass(frozen=True)
class Outcome:
    """A row, and the files that lie beside it in a store."""

    row: Row
    aside: Mapping[str, bytes] = field(default_factory=dict)  # name in the store's folder -> content


def evaluate_some(designs: Sequence[Design], seconds: float, layers: bool = True) -> list[Outcome]:
    """The first of some designs that share a plan: at least one, and no more are begun after `seconds`.

    A row that is finished is on its way to the disk soon, however slow its neighbours are.
    """
    end = perf_counter() + seconds
    outcomes = [evaluate(designs[0], layers)]
    for design in designs[1:]:
        if perf_counter() > end:
            break
        outcomes.append(evaluate(design, layers))
    return outcomes


def evaluate(design: Design, layers: bool = True) -> Outcome:
    """One design. Whatever goes wrong stands in the row's `error`."""
    try:
        return trip(design, layers)
    except Exception as problem:  # of a design, not of the sweep: it becomes a row
        return failed(design, f"{type(problem).__name__}: {problem}")


def trip(design: Design, layers: bool = True) -> Outcome:
    """One design, from names to its row; with its figures by layer, if asked. Raises what is wrong with it."""
    start = perf_counter()
    machine = choices.machine(design)
    prepared = prepare(design.plan_key())
    judged = judge(design, prepared, machine)
    costs = price(design, prepared, machine)
    record = row(design, prepared, judged, costs, perf_counter() - start)
    by_layer = layers_file(record.key, costs.pruned, costs.dense) if layers else {}
    return Outcome(record, by_layer | notes_file(record.workload, prepared))


def failed(design: Design, why: str) -> Outcome:
    """A row that says why there is no result."""
    return Outcome(failed_row(design, why))


def judge(design: Design, prepared: Prepared, machine: Hardware) -> Judged | None:
    """What the model is worth, pruned and dense, its weights stored as on the machine; None for hardware alone."""
    if design.hardware_only:
        return None
    form = machine.array.weight_format
    return Judged(prepared.quality(form), prepare(design.dense().plan_key()).quality(form))


def price(design: Design, prepared: Prepared, machine: Hardware) -> Costs:
    """What the request costs: pruned, dense, and dense on the machine that all are compared with."""
    dense = design.dense().plan_key()
    return Costs(
        simulate(prepared.program, machine, engine=design.engine),
        price_dense(dense, machine, design.engine),
        price_dense(dense, choices.reference(design), design.engine),
    )


@lru_cache(2048)  # of a model with 400 operations 400 MB
def price_dense(plan_key: str, machine: Hardware, engine: Engine) -> Cost:
    """What the dense program costs; asked by every design of a machine."""
    return simulate(prepare(plan_key).program, machine, engine=engine)
