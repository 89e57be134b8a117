"""Magnitude: small weights go first.

The baseline of the field: LeCun et al., Optimal Brain Damage, NIPS 1989, section 1; Han et al., Learning both Weights
and Connections for Efficient Neural Networks, NIPS 2015, arXiv:1506.02626. On blocks: the norm of the block's weights,
as SASP prunes tiles (L1).
"""

from __future__ import annotations

from typing import Literal

from torch import Tensor

from codesign.pruning.arrays import Array, finite
from codesign.pruning.blocks import Block
from codesign.pruning.methods.base import ScoreMethod
from codesign.pruning.task import LayerView

Norm = Literal["l1", "l2"]


def block_score(weight: Array, block: Block | tuple[int, int], norm: Norm = "l1") -> Array:
    """(block_rows, block_cols) L1 or L2 norm of each block of an (out, in) weight, ragged edges included."""
    block = block if isinstance(block, Block) else Block(*block)
    if norm == "l1":
        return finite(block.sum(abs(weight)), "magnitude")
    if norm == "l2":
        return finite(block.sum(weight * weight) ** 0.5, "magnitude")
    raise ValueError(f"magnitude: norm: {norm!r} is not one of l1, l2")


class Magnitude(ScoreMethod):
    """Norm of the block's weights; raw, so that under global ranking layers with small weights give most."""

    norm: Norm = "l1"

    def score(self, layer: LayerView) -> Tensor:
        """(out, in) |w| or w^2."""
        return layer.weight.abs() if self.norm == "l1" else layer.weight.square()

    def block_score(self, layer: LayerView, block: Block) -> Tensor:
        """The norm, of a block as large as every other."""
        mean = finite(block.mean(self.score(layer)), "magnitude")
        return mean ** (1.0 if self.norm == "l1" else 0.5)

    def column_score(self, layer: LayerView) -> Tensor:
        """(in,) mean |w|, or the root of the mean w^2."""
        return self.score(layer).mean(0) ** (1.0 if self.norm == "l1" else 0.5)
