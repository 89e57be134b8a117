"""Bias compensation: what the dead weights gave on average is added to the bias.

An et al., Fluctuation-based Adaptive Structured Pruning for Large Language Models (FLAP), AAAI 2024, arXiv:2312.11983,
section 3.3; here for any mask. The layer's mean output over the calibration set stays what it was.
"""

from __future__ import annotations

from typing import ClassVar

import torch

from codesign.pruning.blocks import BlockMask
from codesign.pruning.calibration import Stat
from codesign.pruning.plan import Repair
from codesign.pruning.repair.base import LayerRepair
from codesign.pruning.task import LayerView


class Bias(LayerRepair):
    """b + (W where dead) @ mean; a layer without bias gets one, which costs its bytes and adds."""

    needs: ClassVar[frozenset[Stat]] = frozenset({Stat.INPUTS})

    def mend(self, layer: LayerView, mask: BlockMask) -> Repair:
        """(out,) new bias."""
        dead = torch.from_numpy(~mask.expand()).to(layer.weight.device)
        lost = (layer.weight * dead).double() @ layer.stats.mean
        return Repair(bias=(lost if layer.bias is None else layer.bias + lost).to(layer.weight.dtype))
