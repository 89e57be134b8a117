"""Wanda: size of the weight times size of what comes in.

Sun et al., A Simple and Effective Pruning Approach for Large Language Models, ICLR 2024, arXiv:2306.11695, eq. (1).
"""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from codesign.pruning.arrays import Array, finite
from codesign.pruning.calibration import Stat
from codesign.pruning.methods.base import ScoreMethod
from codesign.pruning.task import LayerView


def column_score(weight: Array, inputs: Array) -> Array:
    """(in,): mean over outputs of |w| times the length of the input column, sum_t x^2 / samples under the root.

    Weight (out, in); inputs (samples, in), or (samples, tokens, in) whose tokens are summed. It is the column score of
    Wanda-sp, which FLAP's authors compare with (An et al., AAAI 2024, arXiv:2312.11983) and call WIFN.
    """
    if len(inputs) < 1:
        raise ValueError("wanda: inputs: no sample came")
    squares = (inputs * inputs).reshape(-1, inputs.shape[-1]).sum(0) / inputs.shape[0]
    score: Array = abs(weight).mean(0) * squares**0.5
    return finite(score, "wanda")


class Wanda(ScoreMethod):
    """Each layer's scores are divided by their mean, for global ranking: the paper compares within a layer only."""

    needs: ClassVar[frozenset[Stat]] = frozenset({Stat.INPUTS})

    def score(self, layer: LayerView) -> Tensor:
        """(out, in), >= 0; the low ones go first."""
        return layer.weight.abs().mul_(layer.stats.norm.to(layer.weight))  # (out, in) * (in,), no second copy

    def between_layers(self, scores: Tensor) -> Tensor:
        """Relative to the layer's mean, as the scale of its inputs says nothing of its use."""
        return scores / scores.mean().clamp_min(torch.finfo(scores.dtype).tiny)
