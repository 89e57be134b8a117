"""A decoder's steps: each does the same operations, on shapes that grow with the cache."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache

from codesign.lowering.fold import key, over_layers
from codesign.lowering.records import Operation, Product
from hw_models.program import HostOp

Step = Callable[[int], Sequence[Operation]]
"""The operations of one step with that many tokens in the cache."""

Pair = tuple[Operation, Operation]

_SHORT = 4
"""So few steps are all run: there is nothing between their ends and their middle."""


def steps(step: Step, first: int, count: int) -> Iterator[Operation]:
    """The operations of `count` steps, with `first` tokens in the cache at the beginning; in no order.

    A step's sizes are straight lines in the length of the cache, or a few of them (a sliding window stops growing).
    So the ends of a stretch are run, and two points in its middle; where these lie on the line between the ends, the
    rest is read off the line, and where they do not, the stretch is halved.
    """
    return _stretch(cache(step), first, first + count - 1)


def _stretch(step: Step, low: int, high: int) -> Iterator[Operation]:
    if high - low < _SHORT:
        for past in range(low, high + 1):
            yield from step(past)
    elif _straight(step, low, high):
        for (first, last), count in _lines(step(low), step(high)):
            yield from _line(first, last, high - low, count)
    else:
        middle = (low + high) // 2
        yield from _stretch(step, low, middle)
        yield from _stretch(step, middle + 1, high)


def _straight(step: Step, low: int, high: int) -> bool:
    """Do the middle of the stretch and its neighbour lie on the line between the ends?"""
    if len(step(low)) != len(step(high)):
        return False
    ends = list(zip(step(low), step(high), strict=True))
    return all(
        [_sizes(op) for op in step(low + way)] == [_between(*end, way, high - low) for end in ends]
        for way in ((high - low) // 2, (high - low) // 2 + 1)
    )


def _lines(lows: Sequence[Operation], highs: Sequence[Operation]) -> Iterator[tuple[Pair, int]]:
    """First and last of each operation, and how many there are: those that grow are the same in many layers."""
    pairs = [(a if _sizes(a) == _sizes(b) else over_layers(a), b) for a, b in zip(lows, highs, strict=True)]
    keys = [(key(first), _sizes(last)) for first, last in pairs]
    once = dict(zip(reversed(keys), reversed(pairs), strict=True))
    return ((once[k], count) for k, count in Counter(keys).items())


def _line(first: Operation, last: Operation, length: int, count: int) -> Iterator[Operation]:
    """That many of an operation in each step of a stretch; written once if it does not grow."""
    if _sizes(first) == _sizes(last):
        yield _with_sizes(first, _sizes(first), count * (length + 1))
        return
    for way in range(length + 1):
        yield _with_sizes(first, _between(first, last, way, length), count)


def _between(first: Operation, last: Operation, way: int, length: int) -> tuple[int, ...]:
    return tuple(a + (b - a) * way // length for a, b in zip(_sizes(first), _sizes(last), strict=True))


def _sizes(operation: Operation) -> tuple[int, ...]:
    if isinstance(operation, HostOp):
        return operation.elements, operation.rows, operation.repeat
    gemm = operation.gemm
    return gemm.m, gemm.k, gemm.n, gemm.repeat


def _with_sizes(operation: Operation, sizes: tuple[int, ...], count: int) -> Operation:
    if isinstance(operation, HostOp):
        elements, rows, repeat = sizes
        return HostOp(operation.name, operation.kind, elements, rows, repeat * count)
    m, k, n, repeat = sizes
    return Product(replace(operation.gemm, m=m, k=k, n=n, repeat=repeat * count), operation.weight)
