"""What torch hands over with each operator it runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from torch import Tensor

Value = (
    Any  # an operator's argument or result: a tensor, a list of them, a number, a device; each operator's own affair
)
Arguments = tuple[Any, ...]  # in the order of the operator's schema


def tensors_in(values: Iterable[Value]) -> Iterator[Tensor]:
    """The tensors among arguments or results, those in lists included."""
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from tensors_in(value)
