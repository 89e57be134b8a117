"""What a weight costs in the currency of the budget: itself, or the multiply-accumulates that it takes part in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import nn

from codesign.pruning.layers import matrix, matrix_shape
from codesign.pruning.spec import Budget
from codesign.pruning.statistics import Batch, device_of, evaluating, on
from codesign.pruning.structure.transformer import attentions


@dataclass(frozen=True)
class Prices:
    """Prices in scope: of one weight of each layer, and of one row of a query layer (its scores and context)."""

    weight: Mapping[str, float]
    query_row: Mapping[str, float] = field(default_factory=dict)
    total: float = 0.0  # of everything in scope: the denominator


def prices(budget: Budget, model: nn.Module, layers: Mapping[str, nn.Module], batch: Batch | None) -> Prices:
    """Prices of the layers in scope; MACs are those of one calibration batch, counted by torch's flop counter."""
    sizes = {name: matrix(layer).numel() for name, layer in layers.items()}
    if budget == "params":
        return Prices(dict.fromkeys(sizes, 1.0), total=float(sum(sizes.values())))
    if batch is None:
        raise ValueError("prune: budget macs: no calibration batch came, but MACs are those that a batch takes")
    macs = _macs(model, batch)
    inner = {
        query: macs.get(name, 0.0) - sum(macs.get(layer, 0.0) for layer in (query, *others))
        for name, (query, *others) in attentions(model).items()
        if query in layers
    }  # scores and context
    weight = {name: macs.get(name, 0.0) / size for name, size in sizes.items()}
    rows = {query: cost / matrix_shape(layers[query])[0] for query, cost in inner.items()}
    return Prices(weight, rows, sum(macs.get(name, 0.0) for name in sizes) + sum(inner.values()))


def _macs(model: nn.Module, batch: Batch) -> dict[str, float]:
    """Multiply-accumulates under each module."""
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode

    plain = sdpa_kernel(SDPBackend.MATH)  # the counter does not know every fused kernel
    with evaluating(model), torch.no_grad(), plain, FlopCounterMode(display=False) as counter:
        model(**on(device_of(model), batch))
    found: dict[str, float] = {}
    for name, operations in counter.get_flop_counts().items():
        found[name.partition(".")[2]] = sum(operations.values()) / 2
    return found
