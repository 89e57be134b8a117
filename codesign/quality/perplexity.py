"""Perplexity: between how many equally likely tokens a language model hesitates, on average."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from codesign.quality.base import Quality
from codesign.quality.bootstrap import ratio_interval


def perplexity(nats: npt.ArrayLike, tokens: npt.ArrayLike) -> Quality:
    """E to the mean surprise; nats (windows,) are sums over the tokens (windows,) scored. Interval over windows."""
    surprise, scored = np.asarray(nats, np.float64), np.asarray(tokens, np.float64)
    if not np.isfinite(surprise).all():
        raise ValueError("perplexity: the model's answers are not finite numbers")
    low, high = ratio_interval(surprise, scored, np.exp)
    value = float(np.exp(surprise.sum() / scored.sum()))
    return Quality("perplexity", value, "tokens", "min", surprise.size, min(low, value), max(high, value), value)
