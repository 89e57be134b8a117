"""The sizes that an ONNX file leaves open, and what they are said to be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import onnx


def resolve(inputs: Iterable[onnx.ValueInfoProto], given: Mapping[str, int], where: str) -> dict[str, int]:
    """The size of each open dimension of the graph's inputs, by its name, or as `INPUT.AXIS` if it has none.

    `batch` and `seq` also stand for the names that hold them, as exporters write `batch_size` and `sequence_length`.
    Raises ValueError for an open dimension that is not given, for one that is given and not open, and below 1.
    """
    names = {
        dimension.dim_param or f"{value.name}.{axis}": None
        for value in inputs
        for axis, dimension in enumerate(value.type.tensor_type.shape.dim)
        if not dimension.HasField("dim_value")
    }
    chosen = {name: _given(name, given) for name in names}
    missing, strange = [n for n, key in chosen.items() if key is None], sorted(given.keys() - set(chosen.values()))
    if strange:
        would_do = f"it leaves open {', '.join(names)}" if names else "all its sizes are fixed"
        raise ValueError(f"{where}: has no open size {', '.join(strange)}; {would_do}")
    if missing:
        raise ValueError(f"{where}: leaves open {', '.join(missing)}: say how large each is")
    for key, size in given.items():
        if size < 1:
            raise ValueError(f"{where}: {key} is {size}, but it must be at least 1")
    return {name: given[key] for name, key in chosen.items() if key is not None}


def _given(name: str, given: Mapping[str, int]) -> str | None:
    if name in given:
        return name
    return next((key for key in ("batch", "seq") if key in given and key in name.lower()), None)


def fill(name: str, kind: onnx.TypeProto, sizes: Mapping[str, int]) -> None:
    """Put the sizes where the type of a value leaves a dimension open."""
    for axis, dimension in enumerate(kind.tensor_type.shape.dim):
        size = sizes.get(dimension.dim_param, sizes.get(f"{name}.{axis}"))
        if size is not None and not dimension.HasField("dim_value"):
            dimension.dim_value = size
