"""What is asked of a pruning method: how much, in which units, where, and how it is mended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Literal, get_args

from codesign.pruning.blocks import Block
from codesign.pruning.units import Kind

Ranking = Literal["global", "layer"]
"""Do units compete over the whole scope, or does each layer give the same share?"""

Budget = Literal["params", "macs"]
"""What the ratio counts: weights, or multiply-accumulates of the calibration batches."""

Option = str | int | float | bool


@dataclass(frozen=True)
class PruneSpec:
    """One pruning job. The ratio's denominator is what stands in scope."""

    method: str = "magnitude"
    ratio: float = 0.0  # removed / in scope, in [0, 1)
    block: Block | None = None  # the unit is a block of a weight matrix ...
    scope: str = "default"  # a name the workload defines: encoder-ff, all-linear, ...
    ranking: Ranking = "global"
    repair: str = "none"
    seed: int = 0
    options: Mapping[str, Option] = field(default_factory=dict)  # the method's own
    repair_options: Mapping[str, Option] = field(default_factory=dict)
    units: tuple[Kind, ...] = ()  # ... or a whole unit of one of these kinds
    align: int = 1  # what survives of a group of units is a multiple of this, in rows of the weight matrix
    budget: Budget = "params"
    protect: str = ""  # layers whose name this regular expression finds lose nothing; they stay in the denominator

    def __post_init__(self) -> None:
        if not isfinite(self.ratio) or not 0 <= self.ratio < 1:
            raise ValueError(f"prune: ratio: {self.ratio} is not in [0, 1)")
        for name, value, choices in (("ranking", self.ranking, Ranking), ("budget", self.budget, Budget)):
            if value not in get_args(choices):
                raise ValueError(f"prune: {name}: {value!r} is not one of {', '.join(get_args(choices))}")
        for kind in self.units:
            if kind not in get_args(Kind):
                raise ValueError(f"prune: units: {kind!r} is not one of {', '.join(get_args(Kind))}")
        if self.units and self.block:
            raise ValueError("prune: block and units are both given, but a plan removes one or the other")
        if self.align < 1:
            raise ValueError(f"prune: align: {self.align} is not at least 1")
        if {"query_head", "kv_group"} <= set(self.units):
            raise ValueError("prune: units: query_head and kv_group overlap; ask for one of them")
