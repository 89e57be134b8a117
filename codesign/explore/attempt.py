"""One proposal of a search, taken as far as it is worth: screened, then simulated, then judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from codesign.explore import screen
from codesign.explore.choices import design_key, machine
from codesign.explore.design import Design
from codesign.explore.evaluate import Outcome, failed, judge, price, trip
from codesign.explore.prepare import prepare
from codesign.explore.record import row
from codesign.explore.screen import Point
from codesign.rows import Row
from codesign.rows.condition import Condition
from codesign.rows.frame import frame
from codesign.rows.objective import Objective, objectives
from codesign.rows.pareto import Losses, losses

Kind = Literal["screened", "simulated", "judged", "failed"]
"""How far it came: beaten by bounds, beaten once its cost was known, or finished."""


@dataclass(frozen=True)
class Attempt:
    """How far a proposal came, and what a sampler is told of it."""

    key: str
    kind: Kind
    losses: tuple[float, ...]  # of the finished row; else the most that could have come of it
    feasible: bool
    outcome: Outcome | None = None  # where there is a row


def attempt(design: Design, names: tuple[str, ...], constraints: tuple[str, ...], best: Losses) -> Attempt:
    """`best` (rows, objectives) are losses of what is there already: what they beat at its best goes no further.

    Nothing that could be on the front is thrown away: bounds bound the cost, and no pruned model is taken to be
    better than the better end of the dense model's interval.
    """
    wishes = tuple(objectives()[name] for name in names)
    key = design_key(design)
    try:
        if (point := _beaten(screen.analytic(design).losses(wishes), best)) is not None:
            return Attempt(key, "screened", point, True)
        if not design.hardware_only:
            hoped = screen.simulated(_without_quality(design), _hope(design)).losses(wishes)
            if (point := _beaten(hoped, best)) is not None:
                return Attempt(key, "simulated", point, True)
        outcome = trip(design)
    except Exception as problem:  # of a design, not of the search: it becomes a row
        outcome = failed(design, f"{type(problem).__name__}: {problem}")
        return Attempt(key, "failed", (), False, outcome)
    return finished(outcome, wishes, constraints)


def finished(outcome: Outcome, wishes: tuple[Objective, ...], constraints: tuple[str, ...]) -> Attempt:
    """What a row is worth to the search."""
    if outcome.row.error is not None:
        return Attempt(outcome.row.key, "failed", (), False, outcome)
    values = {name: getattr(outcome.row, name) for name in outcome.row.__slots__}
    feasible = all(Condition(text)(values) for text in constraints)
    point = losses(frame([outcome.row]), wishes)[0]
    if not np.isfinite(point).all():
        missing = ", ".join(wish.name for wish, value in zip(wishes, point, strict=True) if not np.isfinite(value))
        raise ValueError(f"objectives: no row of this space has {missing}: hardware alone has no quality")
    return Attempt(outcome.row.key, "judged", tuple(point.tolist()), feasible, outcome)


def _beaten(hoped: Point, best: Losses) -> tuple[float, ...] | None:
    """The point, if a known row is at least as good in all and better in one; a sampler is told finite numbers."""
    if not len(best) or not ((best <= hoped).all(axis=1) & (best < hoped).any(axis=1)).any():
        return None
    return tuple(hoped.tolist())


def _without_quality(design: Design) -> Row:
    """The row of a design that was simulated and not judged."""
    prepared, hardware = prepare(design.plan_key()), machine(design)
    return row(design, prepared, None, price(design, prepared, hardware), 0.0)


def _hope(design: Design) -> float:
    """The better end of the dense model's interval, as a loss."""
    judged = judge(design.dense(), prepare(design.dense().plan_key()), machine(design))
    assert judged is not None, "hardware alone is never judged"
    return -judged.dense.high if judged.dense.goal == "max" else judged.dense.low
