"""Masks and repairs arrive: the right tile of the right product, turned once."""

import numpy as np
import torch
from torch import nn

from codesign.lowering import attach, lower, trace
from codesign.pruning.blocks import Block, BlockMask
from codesign.pruning.plan import PrunePlan, Repair
from codesign.pruning.spec import PruneSpec
from hw_models.program import Gemm, Program


def mask(shape: tuple[int, int], block: tuple[int, int], *dead: tuple[int, int]) -> BlockMask:
    """All blocks live but these, given as (row, col) of (out, in) blocks."""
    size = Block(*block)
    alive = np.ones(size.grid(shape), np.bool_)
    for where in dead:
        alive[where] = False
    return BlockMask(alive, size, shape)


def plan(masks: dict[str, BlockMask], repairs: dict[str, Repair] | None = None) -> PrunePlan:
    return PrunePlan(PruneSpec(), masks, repairs or {})


def gemms(program: Program, name: str) -> list[Gemm]:
    return [op for op in program.ops if isinstance(op, Gemm) and op.name.startswith(name)]


def dead(gemm: Gemm) -> list[tuple[int, int]]:
    """(k, n) tiles that are dead."""
    assert gemm.tiles is not None
    return [tuple(where) for where in np.argwhere(~gemm.tiles.alive).tolist()]


def test_one_dead_block_of_one_layer_with_ragged_edges():
    """Layer 2 is 10 out, 7 in, in blocks of 4 x 3: block (2, 0) is rows 8-9, columns 0-2; as a tile it is (0, 2)."""
    model = nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 10))
    program = lower(model, torch.zeros(6, 5), plan({"2": mask((10, 7), (4, 3), (2, 0))}))
    first, second = gemms(program, "0")[0], gemms(program, "2")[0]
    assert first.tiles is None
    assert (second.m, second.k, second.n) == (6, 7, 10)
    assert second.tiles is not None
    assert (second.tiles.shape, second.tiles.tile, second.tiles.alive.shape) == ((7, 10), (3, 4), (3, 3))
    assert dead(second) == [(0, 2)]
    assert second.tiles.live_elements == 70 - 3 * 2


def test_a_mask_of_ones_is_a_mask():
    program = lower(nn.Linear(4, 4), torch.zeros(1, 4), plan({"": mask((4, 4), (2, 2))}))
    assert gemms(program, "")[0].tiles is not None


def test_a_parameter_stored_the_other_way_round():
    """GPT-2's Conv1D keeps (in, out); a mask is (out, in) all the same."""
    from transformers.pytorch_utils import Conv1D

    program = lower(Conv1D(6, 4), torch.zeros(3, 4), plan({"": mask((6, 4), (2, 2), (2, 1))}))
    (gemm,) = gemms(program, "")
    assert (gemm.k, gemm.n, gemm.bias) == (4, 6, True)
    assert dead(gemm) == [(1, 2)]


def test_convolution_weights_are_columns_of_patches():
    """(out 4, in 3 x kernel 2 x 2 = 12) in blocks of 2 x 4: block (1, 2) is outputs 2-3 of input channel 2."""
    program = lower(nn.Conv2d(3, 4, 2), torch.zeros(2, 3, 5, 5), plan({"": mask((4, 12), (2, 4), (1, 2))}))
    (gemm,) = [op for op in program.ops if isinstance(op, Gemm)]
    assert (gemm.m, gemm.k, gemm.n) == (2 * 4 * 4, 12, 4)
    assert dead(gemm) == [(2, 1)]


def test_groups_that_have_the_same_tiles_stay_together():
    """Three groups of two outputs; the last one loses its second input block."""
    model = nn.Conv1d(12, 6, 1, groups=3)  # weight (6, 4): two rows a group
    program = lower(model, torch.zeros(2, 12, 5), plan({"": mask((6, 4), (1, 2), (4, 1), (5, 1))}))
    both, last = [op for op in program.ops if isinstance(op, Gemm)]
    assert (both.m, both.k, both.n, both.repeat, dead(both)) == (10, 4, 2, 2, [])
    assert (last.repeat, dead(last)) == (1, [(1, 0), (1, 1)])


def test_a_fused_projection_is_cut_at_its_parts():
    """Attention between two sequences reads rows 0-5 of the fused weight for the query, 6-17 for keys and values.

    Row 6 is within a block of 4: the tiles of the second part are 2 outputs wide, so that nothing is rounded.
    """
    model = nn.MultiheadAttention(6, 2, batch_first=True, bias=False)
    sequences = torch.zeros(1, 3, 6), torch.zeros(1, 5, 6), torch.zeros(1, 5, 6)
    fused = mask((18, 6), (4, 6), (1, 0))  # rows 4-7
    program = lower(model, (*sequences[:2], sequences[1]), plan({"in_proj_weight": fused}))
    query, keys_values = gemms(program, "in_proj")
    assert (query.m, query.n, keys_values.m, keys_values.n) == (3, 6, 5, 12)
    assert query.tiles is not None
    assert keys_values.tiles is not None
    assert (query.tiles.tile, dead(query)) == ((6, 4), [(0, 1)])  # rows 4-5, ragged
    assert (keys_values.tiles.tile, dead(keys_values)) == ((6, 2), [(0, 0)])  # rows 6-7


def test_one_weight_under_two_names():
    class Tied(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed, self.head = nn.Embedding(9, 4), nn.Linear(4, 9, bias=False)
            self.head.weight = self.embed.weight

        def forward(self, ids: torch.Tensor) -> torch.Tensor:
            return self.head(self.embed(ids))

    (gemm,) = gemms(lower(Tied(), torch.tensor([[1, 2]]), plan({"head": mask((9, 4), (3, 4), (2, 0))})), "head")
    assert dead(gemm) == [(0, 2)]


def test_a_weight_in_another_number_format_is_still_that_weight():
    class Half(nn.Linear):
        def forward(self, input: torch.Tensor) -> torch.Tensor:
            return nn.functional.linear(input.half(), self.weight.half())

    (gemm,) = gemms(lower(Half(4, 4, bias=False), torch.zeros(1, 4), plan({"": mask((4, 4), (2, 2), (0, 1))})), "")
    assert dead(gemm) == [(1, 0)]


def test_a_layer_that_runs_twice_is_one_entry_that_repeats():
    layer = nn.Linear(4, 4)
    program = lower(
        nn.Sequential(layer, nn.ReLU(), layer), torch.zeros(2, 4), plan({"0": mask((4, 4), (2, 2), (0, 0))})
    )
    (gemm,) = gemms(program, "0")
    assert (gemm.repeat, dead(gemm)) == (2, [(0, 0)])


def test_a_repaired_bias_is_added():
    repaired = plan({}, {"": Repair(bias=torch.zeros(4))})
    without, with_bias = (lower(nn.Linear(4, 4, bias=False), torch.zeros(1, 4), p) for p in (None, repaired))
    assert [op.bias for op in (*without.ops, *with_bias.ops)] == [False, True]


def test_formats_only_when_asked_and_only_for_weights():
    model = nn.MultiheadAttention(8, 2, batch_first=True)
    inputs = (torch.zeros(1, 3, 8),) * 3
    assert {op.weight_format for op in lower(model, inputs).ops if isinstance(op, Gemm)} == {None}
    formats = {op.stationary_known: op.weight_format for op in lower(model, inputs, weight_format="int8").ops
               if isinstance(op, Gemm)}  # fmt: skip
    assert formats == {True: "int8", False: None}


def test_one_trace_serves_many_plans():
    traced = trace(nn.Linear(4, 6), torch.zeros(2, 4))
    for where in ((0, 0), (2, 1)):
        (gemm,) = attach(traced, plan({"": mask((6, 4), (2, 2), where)})).ops
        assert isinstance(gemm, Gemm)
        assert dead(gemm) == [where[::-1]]
    assert gemms(attach(traced), "")[0].tiles is None


def test_removed_units_are_not_in_the_program():
    """Two of eight feed-forward neurons go: two outputs of the first layer, two inputs of the second."""
    from transformers import BertConfig, BertModel

    from codesign.pruning.structure import structure
    from codesign.pruning.units import Removal

    config = BertConfig(vocab_size=9, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8)
    model, inputs = BertModel(config), {"input_ids": torch.zeros(1, 3, dtype=torch.long)}
    neurons = next(name for name, group in structure(model).items() if group.kind == "neuron")
    removal = Removal(neurons, (1, 5))
    smaller = lower(model, inputs, PrunePlan(PruneSpec(), removals=(removal,)))
    first, second = gemms(smaller, "encoder.layer.0.intermediate")[0], gemms(smaller, "encoder.layer.0.output")[0]
    assert (first.k, first.n, second.k, second.n) == (8, 6, 6, 8)
    assert lower(model, inputs).macs - smaller.macs == 2 * 3 * 8 * 2
