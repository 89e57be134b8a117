"""Which whole units go: the removed cost meets the budget, what survives is aligned, no group loses its last unit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import gcd

import numpy as np
from torch import nn

from codesign.pruning.blocks import Block, BlockMask
from codesign.pruning.layers import is_transposed, matrix_shape
from codesign.pruning.prices import Prices
from codesign.pruning.ranking import Scores, comparable, cut_off, keep
from codesign.pruning.spec import PruneSpec
from codesign.pruning.units import Alive, Axis, Removal, UnitGroup, survivors, tensor_of


def choose_blocks(
    spec: PruneSpec, block: Block, layers: Mapping[str, nn.Module], scores: Mapping[str, Scores], prices: Prices
) -> dict[str, BlockMask]:
    """The blocks with the lowest scores go; their cost is short of the budget by less than one block."""
    if unscored := layers.keys() - scores.keys():
        raise ValueError(
            f"prune: layer {min(unscored)}: its inputs were not measured (a grouped convolution); "
            "leave it out of the scope, or take method magnitude or random"
        )
    keys = comparable(scores, spec.ranking)
    shapes = {name: matrix_shape(layer) for name, layer in layers.items()}
    costs = {name: block.sizes(shape) * prices.weight[name] for name, shape in shapes.items()}
    if spec.protect:
        keys = {name: np.full_like(k, np.inf) if re.search(spec.protect, name) else k for name, k in keys.items()}
    alive = keep(keys, costs, spec.ratio * prices.total)
    return {name: BlockMask(alive[name], block, shape) for name, shape in shapes.items()}


@dataclass(frozen=True)
class _Chunk:
    """Units of one group that go together or not at all."""

    group: str
    units: tuple[int, ...]
    key: float


def choose(
    spec: PruneSpec, model: nn.Module, groups: Sequence[UnitGroup], scores: Mapping[str, Scores], prices: Prices
) -> tuple[Removal, ...]:
    """The units with the lowest scores; their cost is short of the budget by less than one unit (chunk, if aligned).

    Costs are exact where removals overlap: a weight whose row and column both go is counted once.
    """
    keys = comparable(scores, spec.ranking)
    chunks = [chunk for group in groups for chunk in _chunks(group, keys[group.name], spec)]
    chunks.sort(key=lambda chunk: chunk.key)  # stable
    named = {group.name: group for group in groups}

    def cost_of(count: int) -> float:
        return removed_cost(model, survivors(model, named, gather(chunks[:count])), prices)

    return gather(chunks[: cut_off(cost_of, len(chunks), spec.ratio * prices.total)])


def gather(chunks: Sequence[_Chunk]) -> tuple[Removal, ...]:
    """One removal for each group that loses something."""
    dead: dict[str, list[int]] = {}
    for chunk in chunks:
        dead.setdefault(chunk.group, []).extend(chunk.units)
    return tuple(Removal(group, tuple(sorted(units))) for group, units in dead.items())


def _chunks(group: UnitGroup, keys: Scores, spec: PruneSpec) -> list[_Chunk]:
    """The units that may go, worst first, in chunks that leave a multiple of `spec.align` rows."""
    if spec.protect and any(re.search(spec.protect, part.module) for part in group.parts):
        return []
    may_go = np.ones(group.count, np.bool_)
    for family in np.split(np.arange(group.count), group.families) if group.families else []:
        may_go[family[keys[family].argmax()]] = False
    order = keys.argsort(kind="stable")
    order = order[(may_go & np.isfinite(keys))[order]]
    together = spec.align // gcd(spec.align, group.parts[0].width)
    first = group.count % together or together
    cuts = [0, *range(first, len(order) + 1, together)]
    return [
        _Chunk(group.name, tuple(order[low:high].tolist()), float(keys[order[low:high]].mean()))
        for low, high in pairwise(cuts)
    ]


def removed_cost(model: nn.Module, alive: Mapping[Axis, Alive], prices: Prices) -> float:
    """Price of all that goes in scope."""
    cost = 0.0
    for name, price in prices.weight.items():
        cost += price * removed_weights(model, name, alive)
    for query, price in prices.query_row.items():
        rows = alive.get((f"{query}.weight", int(is_transposed(model.get_submodule(query)))))
        cost += 0.0 if rows is None else price * int((~rows).sum())
    return cost


def removed_weights(model: nn.Module, layer: str, alive: Mapping[Axis, Alive]) -> int:
    """Weights of the layer that go: all but those whose row and column both live."""
    module = model.get_submodule(layer)
    weight = tensor_of(model, f"{layer}.weight")
    lives = [alive.get((f"{layer}.weight", dim)) for dim in (0, 1)]
    counts = [weight.shape[dim] if along is None else int(along.sum()) for dim, along in enumerate(lives)]
    if isinstance(module, nn.Conv1d | nn.Conv2d) and module.groups > 1:  # its inputs go with its outputs
        counts[1] = weight.shape[1]
    return weight.numel() - counts[0] * counts[1] * (weight.numel() // (weight.shape[0] * weight.shape[1]))
