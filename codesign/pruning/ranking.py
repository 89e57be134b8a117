"""Who goes: the lowest scores, until the removed cost has used up its budget."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from codesign.pruning.spec import Ranking

Scores = npt.NDArray[np.float64]
Costs = npt.NDArray[np.float64 | np.int64]


def keep(
    scores: Mapping[str, Scores], costs: Mapping[str, Costs], ratio: float, ranking: Ranking
) -> dict[str, npt.NDArray[np.bool_]]:
    """Which units live, shaped as their scores: the removed cost is the most that `ratio` of all costs allows.

    `global`: all units compete; removal stops at the first unit that no longer fits, so the whole is short of the
    budget by less than one unit. `layer`: each group gives up its own share; what it could not spend goes to the next
    group, so the whole is again within one unit. Ties go in order of the groups, so that equal tasks give equal plans.
    """
    if ranking == "global":
        flat = np.concatenate([s.ravel() for s in scores.values()])
        alive = keep_within(flat, np.concatenate([costs[name].ravel() for name in scores]), ratio)
        parts = np.split(alive, np.cumsum([s.size for s in scores.values()])[:-1])
        return {name: part.reshape(s.shape) for (name, s), part in zip(scores.items(), parts, strict=True)}
    result, left = {}, 0.0
    for name, score in scores.items():
        left += ratio * float(costs[name].sum())
        alive = _spend(score.ravel(), costs[name].ravel(), left)
        left -= float(costs[name].ravel()[~alive].sum())
        result[name] = alive.reshape(score.shape)
    return result


def keep_within(scores: Scores, costs: Costs, ratio: float) -> npt.NDArray[np.bool_]:
    """Drop in ascending order of score while the dropped cost stays within `ratio` of the whole."""
    return _spend(scores, costs, ratio * float(costs.sum()))


def _spend(scores: Scores, costs: Costs, budget: float) -> npt.NDArray[np.bool_]:
    if not np.isfinite(scores).all():
        raise ValueError("prune: a score is NaN or infinite")
    order = np.argsort(scores, kind="stable")
    alive = np.ones(len(scores), np.bool_)
    slack = 1e-9 * float(costs.sum())  # 0.3 * 10 units are 3 units, whatever binary fractions make of it
    alive[order[np.cumsum(costs[order]) <= budget + slack]] = False
    return alive
