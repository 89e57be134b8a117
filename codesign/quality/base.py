"""What a model's answers are worth: one number with its unit, its direction and its interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Goal = Literal["min", "max"]


@dataclass(frozen=True)
class Quality:
    """One measured quality, over `n` samples, with a bootstrap 95 % interval."""

    metric: str  # "wer", "perplexity", "accuracy"
    value: float  # capped where the metric has a cap (WER at 1)
    unit: str  # "ratio", "nats", ...
    goal: Goal
    n: int
    low: float
    high: float
    raw: float  # before capping

    def __post_init__(self) -> None:
        if self.n < 1:
            raise ValueError(f"quality {self.metric}: {self.n} samples, but at least one is needed")
        if not self.low <= self.value <= self.high:
            raise ValueError(f"quality {self.metric}: {self.value} is not within [{self.low}, {self.high}]")
