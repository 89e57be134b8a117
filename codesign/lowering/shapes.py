"""Results without data for the operators a transformer is made of; torch's own answer costs ten times as long."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch._ops import OpOverload, OpOverloadPacket

from codesign.lowering.calls import Arguments, Value

aten = torch.ops.aten

Shape = Callable[..., Tensor | None]
"""Called with the operator's arguments; None: ask torch."""


def _like(inputs: Tensor, *_: Value) -> Tensor | None:
    return torch.empty_like(inputs) if inputs.is_floating_point() else None


def _layer_norm(inputs: Tensor, shape: Sequence[int], *_: Value) -> Tensor | None:
    return inputs.new_empty(inputs.shape) if tuple(inputs.shape[-len(shape) :]) == tuple(shape) else None


def _softmax(inputs: Tensor, dim: int, dtype: torch.dtype | None = None) -> Tensor | None:
    return inputs.new_empty(inputs.shape, dtype=dtype if isinstance(dtype, torch.dtype) else inputs.dtype)


def _linear(inputs: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor | None:
    fits = inputs.shape[-1] == weight.shape[1]
    return inputs.new_empty((*inputs.shape[:-1], weight.shape[0])) if fits else None


def _addmm(added: Tensor, left: Tensor, right: Tensor, *_: Value) -> Tensor | None:
    return left.new_empty((left.shape[0], right.shape[1])) if left.shape[1] == right.shape[0] else None


def _grouped_mm(inputs: Tensor, weights: Tensor, *_: Value) -> Tensor | None:
    fits = inputs.dim() == 2 and inputs.shape[-1] == weights.shape[-2]
    return inputs.new_empty((inputs.shape[0], weights.shape[-1])) if fits else None


def _embedding(weight: Tensor, indices: Tensor, *_: Value) -> Tensor:
    return weight.new_empty((*indices.shape, weight.shape[1]))


def _attention(query: Tensor, key: Tensor, value: Tensor, *_: Value) -> Tensor | None:
    fits = query.shape[-1] == key.shape[-1] and key.shape[:-1] == value.shape[:-1]
    fits = fits and query.dim() == key.dim() and query.shape[:-3] == key.shape[:-3]
    return query.new_empty((*query.shape[:-1], value.shape[-1])) if fits else None


def _binary(left: Tensor, right: Value, *_: Value) -> Tensor | None:
    """Only where the result is like the left operand: the right one is a number, or fits into it."""
    if not isinstance(left, Tensor) or not left.is_floating_point():
        return None
    if isinstance(right, (int, float)):
        return torch.empty_like(left)
    if not isinstance(right, Tensor) or right.dtype != left.dtype or right.dim() > left.dim():
        return None
    fits = all(r in (1, l) for l, r in zip(left.shape[::-1], right.shape[::-1], strict=False))
    return torch.empty_like(left) if fits else None


_SAME = (
    aten.gelu, aten.silu, aten.relu, aten.tanh, aten.sigmoid, aten.neg, aten.rsqrt, aten.cos, aten.sin,
    aten.batch_norm,
)  # fmt: skip

_SHORTCUTS: dict[OpOverloadPacket, Shape] = {
    aten.linear: _linear,
    aten._grouped_mm: _grouped_mm,
    aten.addmm: _addmm,
    aten.embedding: _embedding,
    aten.layer_norm: _layer_norm,
    aten.softmax: _softmax,
    aten.scaled_dot_product_attention: _attention,
    **dict.fromkeys((aten.add, aten.sub, aten.mul, aten.div), _binary),
    **dict.fromkeys(_SAME, _like),
}


def result_without_data(func: OpOverload, args: Arguments, kwargs: dict[str, Value]) -> Value:
    """What the operator gives when all its tensors are on the meta device."""
    shortcut = _SHORTCUTS.get(func.overloadpacket)
    result = shortcut(*args) if shortcut else None
    return func(*args, **kwargs) if result is None else result
