"""Who goes: the lowest scores, until the removed cost has used up its budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from codesign.pruning.spec import Ranking

Scores = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
SLACK = 1e-9  # 0.3 of 10 units are 3 units, whatever binary fractions make of it


class UnreachableError(ValueError):
    """More was asked for than may go."""


def comparable(scores: Mapping[str, Scores], ranking: Ranking) -> dict[str, Scores]:
    """Keys that order all units: the scores themselves, or each unit's place among its own group, in (0, 1].

    By places, all groups give the same share, and the cut is still exact over the whole. Infinity, which never goes,
    stays infinity. Refuses NaN.
    """
    for name, score in scores.items():
        if np.isnan(score).any():
            raise ValueError(f"prune: {name}: a score is NaN")
    return dict(scores) if ranking == "global" else {name: _places(score) for name, score in scores.items()}


def _places(scores: Scores) -> Scores:
    places = np.empty(scores.size)
    places[scores.ravel().argsort(kind="stable")] = np.arange(1, scores.size + 1) / scores.size
    return np.where(np.isinf(scores), scores, places.reshape(scores.shape))


def keep(keys: Mapping[str, Scores], costs: Mapping[str, npt.NDArray[np.floating]], budget: float) -> dict[str, Mask]:
    """Which units live, shaped as their keys: in ascending order all go whose cost, with all before, is within budget.

    So the removed cost is short of the budget by less than one unit. A key of infinity never goes. Ties go in the
    order of the groups, so that equal tasks give equal plans.
    """
    flat = np.concatenate([key.ravel() for key in keys.values()])
    cost = np.concatenate([costs[name].ravel() for name in keys])
    order = flat.argsort(kind="stable")[: int(np.isfinite(flat).sum())]
    gone = cut_off(lambda count: float(cost[order[:count]].sum()), len(order), budget)
    alive = np.ones(flat.size, np.bool_)
    alive[order[:gone]] = False
    parts = np.split(alive, np.cumsum([key.size for key in keys.values()])[:-1])
    return {name: part.reshape(key.shape) for (name, key), part in zip(keys.items(), parts, strict=True)}


def cut_off(cost_of: Callable[[int], float], units: int, budget: float) -> int:
    """How many of the first units can go within the budget; `cost_of(count)` grows with the count. Bisection."""
    low, high = 0, units
    within = budget * (1 + SLACK)
    if cost_of(units) <= within:
        if cost_of(units) < budget * (1 - SLACK):
            raise UnreachableError(
                f"prune: ratio: cannot be reached: {budget:.6g} is to go, but all that may go is {cost_of(units):.6g} "
                "(the rest is protected, or the last of its group)"
            )
        return units
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if cost_of(middle) <= within else (low, middle)
    return low
