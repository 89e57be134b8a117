"""Conditions over designs and rows: `prune.method == 'wanda' or area_mm2 <= 2`, read without running code."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from math import inf
from typing import Any

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.In: lambda left, right: left in right, ast.NotIn: lambda left, right: left not in right,
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
}  # fmt: skip


class Condition:
    """One sentence over a design's (or a row's) fields; words are quoted, fields are not."""

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            self._tree = ast.parse(text, mode="eval").body
        except (SyntaxError, TypeError, ValueError) as problem:
            raise ValueError(f"condition {text!r}: it cannot be read: {problem}") from problem

    def __call__(self, values: Mapping[str, Any]) -> bool:
        """Does it hold? `values` by dotted name. ValueError names an unknown field, or what cannot be compared."""
        try:
            return bool(self._value(self._tree, values))
        except (TypeError, ZeroDivisionError) as problem:
            raise ValueError(f"condition {self.text!r}: {problem}") from problem

    @property
    def fields(self) -> set[str]:
        """The names it speaks of."""
        inner = {id(node.value) for node in ast.walk(self._tree) if isinstance(node, ast.Attribute)}
        named = (node for node in ast.walk(self._tree) if isinstance(node, ast.Name | ast.Attribute))
        return {ast.unparse(node) for node in named if id(node) not in inner}

    def _value(self, node: ast.AST, values: Mapping[str, Any]) -> Any:  # Any: whatever a YAML scalar may be
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name() | ast.Attribute():
                return self._look_up(ast.unparse(node), values)
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return [self._value(part, values) for part in parts]
            case ast.UnaryOp(op=ast.Not(), operand=inside):
                return not self._value(inside, values)
            case ast.UnaryOp(op=ast.USub(), operand=inside):
                return -self._value(inside, values)
            case ast.BoolOp(op=ast.And(), values=parts):
                return all(self._value(part, values) for part in parts)
            case ast.BoolOp(op=ast.Or(), values=parts):
                return any(self._value(part, values) for part in parts)
            case ast.BinOp(left=left, op=kind, right=right) if type(kind) in _ARITHMETIC:
                return _ARITHMETIC[type(kind)](self._value(left, values), self._value(right, values))
            case ast.Compare(left=left, ops=kinds, comparators=others) if all(type(k) in _COMPARE for k in kinds):
                sides = [self._value(side, values) for side in (left, *others)]
                return all(_COMPARE[type(k)](a, b) for k, a, b in zip(kinds, sides, sides[1:], strict=False))
        raise ValueError(f"condition {self.text!r}: {ast.unparse(node)!r} is more than comparisons and arithmetic")

    def _look_up(self, name: str, values: Mapping[str, Any]) -> Any:
        if name not in values:
            near = get_close_matches(name, list(values), n=1, cutoff=0.5)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"condition {self.text!r}: {name!r} is no field here{hint} (quote words)")
        return values[name]

    def limits(self) -> Iterator[tuple[str, float, float]]:
        """(field, least, most) for what it says of one field and a number: `area_mm2 <= 2`, `1 < cycles < 9`."""
        whole = self._tree
        for part in whole.values if isinstance(whole, ast.BoolOp) and isinstance(whole.op, ast.And) else [whole]:
            if isinstance(part, ast.Compare):
                sides = [part.left, *part.comparators]
                for left, kind, right in zip(sides, part.ops, sides[1:], strict=False):
                    yield from _limit(left, type(kind), right)


def contradiction(conditions: Iterable[Condition]) -> str | None:
    """Why no row can meet them all, where two of them leave a field no value; None where nothing is plain to see."""
    least: dict[str, tuple[float, str]] = {}
    most: dict[str, tuple[float, str]] = {}
    for one in conditions:
        for field, low, high in one.limits():
            least[field] = max(least.get(field, (-inf, "")), (low, one.text))
            most[field] = min(most.get(field, (inf, "")), (high, one.text))
            if least[field][0] > most[field][0]:
                return f"`{least[field][1]}` and `{most[field][1]}` leave {field} no value"
    return None


_FLIPPED = {ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE, ast.Eq: ast.Eq}


def _limit(left: ast.AST, kind: type[ast.cmpop], right: ast.AST) -> Iterator[tuple[str, float, float]]:
    """Strict limits count as if they were not: only a span that is empty either way is told."""
    if isinstance(left, ast.Constant) and kind in _FLIPPED:
        left, kind, right = right, _FLIPPED[kind], left
    number = right.value if isinstance(right, ast.Constant) else None
    if isinstance(left, ast.Name | ast.Attribute) and isinstance(number, int | float):
        low = number if kind in (ast.Gt, ast.GtE, ast.Eq) else -inf
        high = number if kind in (ast.Lt, ast.LtE, ast.Eq) else inf
        yield ast.unparse(left), low, high
