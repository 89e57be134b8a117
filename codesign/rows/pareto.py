"""Which rows no other row beats, and how much of the space they hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from codesign.rows.objective import Objective

if TYPE_CHECKING:
    import pandas as pd

Losses = npt.NDArray[np.float64]  # (rows, objectives), the smaller the better


def losses(rows: pd.DataFrame, wishes: Sequence[Objective]) -> Losses:
    """(rows, wishes); NaN where a row lacks a result."""
    return np.column_stack([wish.losses(rows) for wish in wishes])


def front(points: Losses) -> npt.NDArray[np.bool_]:
    """(rows,) True where no other row is at least as good in all and better in one.

    Of equal points all are kept. A row with a NaN is never on the front.
    """
    import moocore

    finite = np.isfinite(points).all(axis=1)
    keep = np.zeros(len(points), dtype=bool)
    if finite.any():
        keep[finite] = moocore.is_nondominated(points[finite], keep_weakly=True)
    return keep


def hypervolume(points: Losses, reference: npt.NDArray[np.float64]) -> float:
    """The volume that the points dominate below `reference` (objectives,), by moocore's exact algorithm."""
    import moocore

    inside = points[np.isfinite(points).all(axis=1)]
    return float(moocore.hypervolume(inside, ref=reference)) if len(inside) else 0.0


def hypervolume_history(points: Losses, reference: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(rows,): the hypervolume after each row, in the order given."""
    history = np.zeros(len(points))
    best = points[:0]
    for count, point in enumerate(points):
        if np.isfinite(point).all():
            best = np.vstack([best, point])
            best = best[front(best)]
        history[count] = hypervolume(best, reference)
    return history
