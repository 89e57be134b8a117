"""Operators without an entry of their own: elementwise work, reductions, rotary embeddings, what cannot be mapped."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch._ops import OpOverload

from codesign.lowering import nature

if TYPE_CHECKING:
    from codesign.lowering.journal import Journal

aten = torch.ops.aten

_PRODUCTS = frozenset({aten.mul, aten.mul_})
_SUMS = frozenset({aten.add, aten.add_, aten.sub, aten.sub_})


def record(journal: Journal, func: OpOverload, inputs: list[Tensor], outputs: list[Tensor]) -> None:
    """Write down an operator by its nature; what makes no numbers (comparisons, indices) and views are no work."""
    numbers = [t for t in outputs if t.is_floating_point() or t.is_complex()]
    if not numbers or not inputs or func.is_view:
        return
    if nature.is_pointwise(func):
        _pointwise(journal, func, inputs, numbers[0])
    elif nature.is_reduction(func):
        journal.host("elementwise", inputs[0].numel())
    else:
        name = func.overloadpacket._qualified_op_name
        # At least one operation for each number that goes in or comes out; most do more.
        journal.unmapped[name] = journal.unmapped.get(name, 0) + max(t.numel() for t in (*inputs, *numbers))


def _pointwise(journal: Journal, func: OpOverload, inputs: list[Tensor], output: Tensor) -> None:
    """Residual: a sum of two activations of one shape. Rotary: once for what meets a cosine and a sine."""
    packet, provenance = func.overloadpacket, journal.provenance
    origins = [provenance.of(t) for t in inputs]
    roles = {origin.role for origin in origins}
    activations = [t for t, o in zip(inputs, origins, strict=True) if not o.constant and o.role not in ("cos", "sin")]
    if packet in _PRODUCTS and activations and roles & {"cos", "sin"}:
        provenance.set(output, replace(provenance.of(output), role="rotated"))
        if "cos" in roles:
            journal.host("rotary", output.numel() * (2 if output.is_complex() else 1))
    elif packet in _SUMS and roles == {"rotated"}:
        provenance.set(output, replace(provenance.of(output), role=None))
    elif packet in _SUMS and len(activations) == 2 and activations[0].shape == activations[1].shape:
        journal.host("residual", output.numel())
    else:
        journal.host("elementwise", output.numel())
