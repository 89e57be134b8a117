"""What is asked of a pruning method: how much, in which blocks, where, and how it is mended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Literal, get_args

from codesign.pruning.blocks import Block

Ranking = Literal["global", "layer"]
"""Do blocks compete over the whole scope, or within their layer only?"""


@dataclass(frozen=True)
class PruneSpec:
    """One pruning job. The ratio's denominator is the parameters in scope."""

    method: str = "magnitude"
    ratio: float = 0.0  # removed / in scope, in [0, 1)
    block: Block | None = None  # None for methods that remove whole units
    scope: str = "default"  # a name the workload defines: encoder-ff, all-linear, ...
    ranking: Ranking = "global"
    repair: str = "none"
    seed: int = 0
    options: Mapping[str, str | int | float | bool] = field(default_factory=dict)  # the method's own
    repair_options: Mapping[str, str | int | float | bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isfinite(self.ratio) or not 0 <= self.ratio < 1:
            raise ValueError(f"prune: ratio: {self.ratio} is not in [0, 1)")
        if self.ranking not in get_args(Ranking):
            raise ValueError(f"prune: ranking: {self.ranking!r} is not one of {', '.join(get_args(Ranking))}")
