"""Axes: a list in a space file is a choice, a range stands for a list, and the space is the product of all choices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from math import isfinite, prod
from typing import Any

Node = Any
"""What YAML holds: mappings, lists, numbers, words. Any: its shape is checked when a `Design` is made of a leaf."""

Choose = Callable[[str, list[Node]], int]
"""(path of the axis, its values) -> which of them."""

_RANGE_KEYS = ({"from", "to", "step"}, {"from", "to", "factor"})


def expand(node: Node) -> Iterator[Node]:
    """Every leaf of the tree: the product over mappings, the union over lists."""
    match _opened(node):
        case list() as values:
            for value in values:
                yield from expand(value)
        case dict() as items:
            for leaf in product(*map(list, map(expand, items.values()))):
                yield dict(zip(items, leaf, strict=True))
        case scalar:
            yield scalar


def count(node: Node) -> int:
    """How many leaves `expand` gives, without making them."""
    match _opened(node):
        case list() as values:
            return sum(map(count, values))
        case dict() as items:
            return prod(map(count, items.values()))
        case _:
            return 1


def draw(node: Node, choose: Choose, path: str = "") -> Node:
    """One leaf: `choose` is asked at each axis on the way, by name."""
    match _opened(node):
        case list() as values:
            index = choose(path, values) if len(values) > 1 else 0
            return draw(values[index], choose, path if len(values) == 1 else f"{path}[{index}]")
        case dict() as items:
            return {name: draw(value, choose, f"{path}.{name}".lstrip(".")) for name, value in items.items()}
        case scalar:
            return scalar


def _opened(node: Node) -> Node:
    """The node with a range written out; an empty list is an error, since no design could come of it."""
    if isinstance(node, Mapping) and {"from", "to"} & node.keys():
        return _range(node)
    if isinstance(node, list) and not node:
        raise ValueError("space: an axis is an empty list, so no design is in the space: give it at least one value")
    return node


def _range(node: Mapping[str, Node]) -> list[int | float]:
    """`{from: 4, to: 32, factor: 2}` is 4, 8, 16, 32; `{from: 0, to: 0.3, step: 0.1}` is 0, 0.1, 0.2, 0.3."""
    if set(node) not in _RANGE_KEYS or not all(_is_number(value) for value in node.values()):
        raise ValueError(f"space: range {dict(node)}: want numbers for from, to and step, or for from, to and factor")
    low, high = node["from"], node["to"]
    step, factor = node.get("step", 0), node.get("factor", 1)
    if high < low or ("step" in node and step <= 0) or ("factor" in node and (factor <= 1 or low <= 0)):
        raise ValueError(f"space: range {dict(node)}: want from <= to, step > 0, factor > 1 (and from > 0 beside it)")
    values: list[int | float] = []
    while (value := low + len(values) * step if "step" in node else low * factor ** len(values)) <= high * (1 + 1e-9):
        values.append(value if isinstance(value, int) else round(value, 12))
    return values


def _is_number(value: Node) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
