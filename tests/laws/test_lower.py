"""What holds for every mask that goes through the door."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from codesign.lowering import attach, trace
from codesign.pruning.blocks import Block, BlockMask
from codesign.pruning.plan import PrunePlan
from codesign.pruning.spec import PruneSpec
from hw_models.program import Gemm, TileMask

sizes = st.integers(1, 12)


def expanded(tiles: TileMask) -> np.ndarray:
    """(k, n), True where a weight lives."""
    full = np.repeat(np.repeat(tiles.alive, tiles.tile[0], 0), tiles.tile[1], 1)
    return full[: tiles.shape[0], : tiles.shape[1]]


def any_mask(shape: tuple[int, int], block: tuple[int, int], seed: int) -> BlockMask:
    size = Block(*block)
    return BlockMask(np.random.default_rng(seed).random(size.grid(shape)) < 0.5, size, shape)


def attached(model: nn.Module, inputs: object, layer: str, mask: BlockMask) -> list[Gemm]:
    program = attach(trace(model, inputs), PrunePlan(PruneSpec(), {layer: mask}))
    return [op for op in program.ops if isinstance(op, Gemm) and op.tiles is not None]


@settings(max_examples=60, deadline=None)
@given(sizes, sizes, sizes, sizes, st.integers(0, 99))
def test_every_weight_of_a_linear_layer_lives_or_dies_where_its_block_does(out, into, rows, cols, seed):
    mask = any_mask((out, into), (rows, cols), seed)
    (gemm,) = attached(nn.Sequential(nn.Linear(into, out)), torch.zeros(2, into), "0", mask)
    assert gemm.tiles is not None
    assert np.array_equal(expanded(gemm.tiles), mask.expand().T)
    assert gemm.tiles.live_elements == mask.live_weights


@settings(max_examples=40, deadline=None)
@given(sizes, sizes, sizes, st.integers(1, 4), st.integers(0, 99))
def test_the_parts_of_a_fused_weight_hold_all_of_it(width, rows, cols, heads, seed):
    """Query from the first third, keys and values from the rest: wherever a block is cut, no weight comes or goes."""
    width *= heads
    mask = any_mask((3 * width, width), (rows, cols), seed)
    model = nn.MultiheadAttention(width, heads, batch_first=True, bias=False)
    other = torch.zeros(1, 4, width)
    query, keys_values = attached(model, (torch.zeros(1, 2, width), other, other), "in_proj_weight", mask)
    assert query.tiles is not None
    assert keys_values.tiles is not None
    together = np.concatenate((expanded(query.tiles), expanded(keys_values.tiles)), axis=1)
    assert np.array_equal(together, mask.expand().T)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), sizes, sizes, st.integers(0, 99))
def test_the_groups_of_a_convolution_hold_all_of_its_weights(groups, out, into, kernel, rows, cols, seed):
    layer = nn.Conv1d(groups * into, groups * out, kernel, groups=groups)
    mask = any_mask((groups * out, into * kernel), (rows, cols), seed)
    parts = attached(nn.Sequential(layer), torch.zeros(1, groups * into, 5), "0", mask)
    assert sum(gemm.repeat for gemm in parts) == groups
    assert sum(gemm.tiles.live_elements * gemm.repeat for gemm in parts if gemm.tiles) == mask.live_weights
    assert sum(gemm.macs for gemm in parts) == (6 - kernel) * groups * out * into * kernel
