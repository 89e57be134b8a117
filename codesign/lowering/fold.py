"""Writes equal operations once, with the number of times they are done."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from codesign.lowering.records import Operation, Product
from hw_models.program import HostOp

MANY_SHAPES = 8
"""An operation that comes in more shapes than this is a series that grows, as attention does over a decoder's steps."""


def fold(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """The same work, each operation where it is first done.

    Operations that agree in everything are added up. Series that grow, and that have no weights, are added up over the
    layers too, and `layers.3.scores` is then called `layers.*.scores`: 32 layers that decode 1,000 tokens come to 1,000
    entries instead of 32,000. A program's operations are separated by barriers, so that their order changes no total.
    """
    once = _add_up(operations)
    shapes = Counter(_name(operation) for operation in once)
    return _add_up(over_layers(op) if shapes[_name(op)] > MANY_SHAPES else op for op in once)


def _add_up(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    counts: Counter[tuple[object, ...]] = Counter()
    first: dict[tuple[object, ...], Operation] = {}
    for operation in operations:
        same = key(operation)
        first.setdefault(same, operation)
        counts[same] += _repeat(operation)
    return tuple(_with(operation, repeat=counts[same]) for same, operation in first.items())


def key(operation: Operation) -> tuple[object, ...]:
    """Operations with one key are the same work on the same weights."""
    if isinstance(operation, HostOp):
        return operation.name, operation.kind, operation.elements, operation.rows
    gemm = operation.gemm
    return gemm.name, gemm.m, gemm.k, gemm.n, gemm.stationary_known, gemm.bias, operation.weight


def _repeat(operation: Operation) -> int:
    return operation.repeat if isinstance(operation, HostOp) else operation.gemm.repeat


def _name(operation: Operation) -> str:
    return operation.name if isinstance(operation, HostOp) else operation.gemm.name


def _with(operation: Operation, **changes: str | int) -> Operation:
    if isinstance(operation, HostOp):
        return replace(operation, **changes)  # type: ignore[arg-type]
    return Product(replace(operation.gemm, **changes), operation.weight)  # type: ignore[arg-type]


def over_layers(operation: Operation) -> Operation:
    """The operation under a name that it has in all layers, unless it has weights."""
    if isinstance(operation, Product) and operation.weight is not None:
        return operation
    return _with(operation, name=re.sub(r"(?<![^.])\d+(?![^.])", "*", _name(operation)))
