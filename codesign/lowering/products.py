"""Matrix products, convolutions and attention: what each operator asks of the array."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from codesign.lowering.calls import Arguments, Value

if TYPE_CHECKING:
    from codesign.lowering.journal import Journal

aten = torch.ops.aten


def _linear(journal: Journal, args: Arguments, out: Tensor) -> None:
    inputs, weight, *bias = args
    rows = inputs.numel() // max(inputs.shape[-1], 1)
    _made(journal, out, journal.product("linear", rows, weight, True, bias=_is_bias(journal, bias)))


def _made(journal: Journal, out: Tensor, index: int | None) -> None:
    """Remember which product made these numbers."""
    journal.provenance.set(out, replace(journal.provenance.of(out), product=index, fresh=True))


def _is_bias(journal: Journal, bias: list[Value]) -> bool:
    return bool(bias) and isinstance(bias[0], Tensor) and journal.provenance.of(bias[0]).constant


def _matmul(journal: Journal, left: Tensor, right: Tensor, out: Tensor, bias: bool = False) -> None:
    """(batch,) m x k times (batch,) k x n. The array holds the right operand, unless only the left one is constant.

    One weight for the whole batch is one product with all the rows.
    """
    of = journal.provenance.of
    turned = of(left).constant and not of(right).constant
    stationary, m = (left, right.shape[-1]) if turned else (right, left.shape[-2])
    repeat = stationary.shape[0] if stationary.dim() == 3 else 1
    if repeat == 1 or (stationary.dim() == 3 and stationary.stride(0) == 0):
        stationary, m, repeat = (stationary[0] if stationary.dim() == 3 else stationary), m * repeat, 1
    _made(journal, out, journal.product(_role(journal, left), m, stationary, turned, repeat=repeat, bias=bias))


def _role(journal: Journal, left: Tensor) -> str:
    return "context" if journal.provenance.of(left).role == "probabilities" else "matmul"


def _mm(journal: Journal, args: Arguments, out: Tensor) -> None:
    _matmul(journal, args[0], args[1], out)


def _addmm(journal: Journal, args: Arguments, out: Tensor) -> None:
    added, left, right = args[:3]
    bias = _is_bias(journal, [added])
    _matmul(journal, left, right, out, bias)
    if not bias:
        journal.host("elementwise", out.numel())


def _baddbmm(journal: Journal, args: Arguments, out: Tensor) -> None:
    _matmul(journal, args[1], args[2], out)
    journal.host("elementwise", out.numel())


def _mv(journal: Journal, args: Arguments, out: Tensor) -> None:
    _matmul(journal, args[0], args[1].unsqueeze(1), out)


def _convolution(journal: Journal, args: Arguments, out: Tensor) -> None:
    """im2col: (batch * output positions, in / groups * kernel) times (in / groups * kernel, out / groups), a group.

    Transposed: each input position makes a patch of the output, (in / groups) times (out / groups * kernel); the host
    adds up the patches.
    """
    inputs, weight, bias, _, _, _, transposed, _, groups = args[:9]
    kernel = prod(weight.shape[2:])
    if transposed:
        _transposed_convolution(journal, inputs, weight, groups, out)
        return
    m = out.shape[0] * prod(out.shape[2:])
    if kernel > 1:
        journal.host("im2col", m * groups * weight.shape[1] * kernel)
    weights, has_bias = weight.flatten(1), _is_bias(journal, [bias])
    _made(journal, out, journal.product("convolution", m, weights, True, groups=groups, bias=has_bias))


def _transposed_convolution(journal: Journal, inputs: Tensor, weight: Tensor, groups: int, out: Tensor) -> None:
    m = inputs.shape[0] * prod(inputs.shape[2:])
    by_group = weight.reshape(groups, weight.shape[0] // groups, -1)  # (groups, in / groups, out / groups * kernel)
    journal.product("convolution", m, by_group, False, repeat=groups)
    journal.host("elementwise", m * groups * prod(weight.shape[1:]))


def _attention(journal: Journal, args: Arguments, out: Value) -> None:
    """Scores, softmax, context. Every score is computed, masked or not, as torch's flop counter has it.

    A group of heads that shares a key/value head (grouped-query attention) streams its queries through one stay of K.
    """
    query, key, value = args[:3]
    batch, rows = prod(query.shape[:-2]), query.shape[-2]
    group = query.shape[-3] // key.shape[-3] if query.dim() > 2 else 1
    scores = batch * rows * key.shape[-2]
    journal.product("scores", rows * group, key, True, repeat=batch // group)
    journal.host("softmax", scores, batch * rows)
    journal.product("context", rows * group, value, False, repeat=batch // group)


def _grouped_mm(journal: Journal, args: Arguments, out: Tensor) -> None:
    """A mixture's experts, (experts, k, n), each on its own tokens; where that is not known, all on as many."""
    inputs, weights, ends = args[:3]
    experts, rows = weights.shape[0], inputs.shape[0]
    if isinstance(ends, Tensor) and not ends.is_meta:
        shares = ends.diff(prepend=ends.new_zeros(1)).tolist()
    else:
        shares = [rows // experts + (expert < rows % experts) for expert in range(experts)]
    for m, count in Counter(shares).items():
        journal.product("experts", m, weights, False, repeat=count)


def _softmax(journal: Journal, args: Arguments, out: Tensor) -> None:
    scores = journal.provenance.of(args[0])
    if scores.product is not None:
        journal.becomes_scores(scores.product)
    journal.host("softmax", out.numel(), out.numel() // max(out.shape[args[1]], 1) if out.dim() else 1)
    journal.provenance.set(out, replace(journal.provenance.of(out), role="probabilities", product=None))


HANDLERS = {
    aten.linear: _linear,
    aten.mm: _mm,
    aten.bmm: _mm,
    aten.addmm: _addmm,
    aten.baddbmm: _baddbmm,
    aten.mv: _mv,
    aten.convolution: _convolution,
    aten._convolution: _convolution,
    aten._grouped_mm: _grouped_mm,
    aten.softmax: _softmax,
    aten._softmax: _softmax,
    aten._safe_softmax: _softmax,
    aten.log_softmax: _softmax,
    aten._log_softmax: _softmax,
} | dict.fromkeys(
    (
        aten.scaled_dot_product_attention,
        aten._scaled_dot_product_flash_attention,
        aten._scaled_dot_product_efficient_attention,
        aten._scaled_dot_product_cudnn_attention,
        aten._scaled_dot_product_flash_attention_for_cpu,
    ),
    _attention,
)
