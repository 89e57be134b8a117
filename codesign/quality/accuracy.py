"""Accuracy: the share of answers that are right, of images classified or of choices made."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from codesign.quality.base import Quality
from codesign.quality.bootstrap import ratio_interval


def accuracy(right: npt.ArrayLike) -> Quality:
    """Of (samples,) answers, True where right. Interval over samples."""
    hits = np.asarray(right, np.float64)
    if hits.ndim != 1 or not hits.size:
        raise ValueError(f"accuracy: answers of shape {hits.shape}: want one a sample, and at least one")
    low, high = ratio_interval(hits, np.ones_like(hits))
    value = float(hits.mean())
    return Quality("accuracy", value, "ratio", "max", hits.size, min(low, value), max(high, value), value)
