"""A method that nobody should use: black fields go before white ones."""

import torch
from torch import Tensor

from codesign.pruning import Block, LayerView, Member, ScoreMethod


class Checkerboard(ScoreMethod):
    """Blocks whose row and column add up to an even number go first."""

    def score(self, layer: LayerView) -> Tensor:
        """(out, in)."""
        return layer.weight.abs()

    def block_score(self, layer: LayerView, block: Block) -> Tensor:
        """(block_rows, block_cols)."""
        rows, cols = block.grid(tuple(layer.weight.shape))
        return ((torch.arange(rows)[:, None] + torch.arange(cols)) % 2).float()


CHECKERBOARD = Member("checkerboard", "Black fields go before white ones.", "", Checkerboard)
