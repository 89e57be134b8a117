"""Intervals by drawing the samples again: how far a quality would move had other samples been at hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

RESAMPLES = 2000
_CHUNK = 2**22  # draws at once: bounds memory

Floats = npt.NDArray[np.float64]


def ratio_interval(
    numerators: npt.ArrayLike,
    denominators: npt.ArrayLike,
    transform: Callable[[Floats], Floats] = np.asarray,
    seed: int = 0,
) -> tuple[float, float]:
    """95 % percentile interval of transform(sum of numerators / sum of denominators), over samples.

    A sample is an utterance, a window, an image: both its counts are drawn together. The same seed draws the same
    samples for every model judged on one set, so that two models differ by the models alone. Efron and Tibshirani,
    An Introduction to the Bootstrap, 1993, section 13.3.
    """
    top, bottom = (np.asarray(values, dtype=np.float64) for values in (numerators, denominators))
    if top.shape != bottom.shape or top.ndim != 1 or not top.size:
        raise ValueError(f"bootstrap: numerators {top.shape} and denominators {bottom.shape}: one of each a sample")
    rng = np.random.default_rng(seed)
    rows = max(1, _CHUNK // top.size)
    drawn = [_resampled(rng, top, bottom, min(rows, RESAMPLES - at)) for at in range(0, RESAMPLES, rows)]
    low, high = np.quantile(transform(np.concatenate(drawn)), (0.025, 0.975))
    return float(low), float(high)


def _resampled(rng: np.random.Generator, top: Floats, bottom: Floats, resamples: int) -> Floats:
    """(resamples,): each the ratio over as many samples as there are, drawn with replacement."""
    chosen = rng.integers(top.size, size=(resamples, top.size), dtype=np.int32)
    ratios: Floats = top[chosen].sum(1) / bottom[chosen].sum(1)
    return ratios
