"""Where a tensor's numbers come from: a parameter, a constant or the input; followed by storage, so views are free."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import prod
from typing import Literal

from torch import Tensor, nn
from torch.multiprocessing.reductions import StorageWeakRef

from codesign.lowering.records import WeightView

Role = Literal["probabilities", "cos", "sin", "rotated"]
"""What an activation is to attention, seen from the operations it came through."""


@dataclass(frozen=True)
class Origin:
    """What is known of one storage. A storage nobody has described holds activations."""

    constant: bool = False  # the same for every input
    sources: frozenset[str] = frozenset()  # the parameters it was computed from
    copy_of: str | None = None  # it holds this parameter's values, in this parameter's layout
    role: Role | None = None
    product: int | None = None  # index of the product whose numbers these are, scaled and masked at most
    fresh: bool = False  # nothing has been done to them since
    copies: int = 1  # consecutive repetitions of each chunk: keys and values shared by a group of heads
    chunk: int = 0  # elements in a chunk


_UNKNOWN = Origin()


@dataclass(frozen=True)
class _Place:
    """A parameter's place in its storage."""

    parameter: str
    start: int
    rows: int
    cols: int
    contiguous: bool


def storage_key(tensor: Tensor) -> int:
    """Two tensors with one key share their numbers."""
    return int(tensor.untyped_storage()._cdata)


class Provenance:
    """Origins by storage. Weak references keep a key from being given to another storage, not the data alive."""

    def __init__(self, model: nn.Module) -> None:
        self.names: dict[str, list[str]] = {}  # first name of a parameter -> all its names
        self._origins: dict[int, Origin] = {}
        self._places: dict[int, list[_Place]] = {}
        self._by_name: dict[str, _Place] = {}
        self._kept: list[StorageWeakRef] = []
        for name, parameter in model.named_parameters(remove_duplicate=False):
            self._add_parameter(name, parameter)
        for constant in _constants(model):
            self.set(constant, Origin(constant=True))

    def _add_parameter(self, name: str, parameter: Tensor) -> None:
        key, start = storage_key(parameter), int(parameter.storage_offset())
        known = [p.parameter for p in self._places.get(key, []) if p.start == start]
        if known:
            self.names[known[0]].append(name)
            return
        rows = parameter.shape[0] if parameter.dim() else 1
        place = _Place(name, start, rows, parameter.numel() // max(rows, 1), parameter.is_contiguous())
        self.names[name] = [name]
        self._by_name[name] = place
        self._places.setdefault(key, []).append(place)
        self.set(parameter, Origin(constant=True))

    def of(self, tensor: Tensor) -> Origin:
        """What is known of the tensor's storage."""
        return self._origins.get(storage_key(tensor), _UNKNOWN)

    def set(self, tensor: Tensor, origin: Origin) -> None:
        """Say what the tensor's storage holds from here on."""
        key = storage_key(tensor)
        if key not in self._origins:
            if origin == _UNKNOWN:
                return
            self._kept.append(StorageWeakRef(tensor.untyped_storage()))  # type: ignore[no-untyped-call]
        self._origins[key] = origin

    def sources(self, tensors: Iterable[Tensor]) -> frozenset[str]:
        """The parameters that these tensors are, or were computed from."""
        found: set[str] = set()
        for tensor in tensors:
            place = self._place(tensor)
            found |= {place.parameter} if place else self.of(tensor).sources
        return frozenset(found)

    def whole_parameter(self, tensor: Tensor) -> str | None:
        """The parameter whose values this is, all of them and in order."""
        place = self._place(tensor)
        if place is None or not tensor.is_contiguous() or tensor.numel() != place.rows * place.cols:
            return None
        return place.parameter

    def view(self, weight: Tensor, out_first: bool) -> WeightView | None:
        """The part of a parameter that a 2-d operand is; (out, in) if `out_first`, else (in, out). None: not one."""
        place = self._place(weight)
        if place is None or not place.contiguous:
            return None
        (a, b), (step_a, step_b) = weight.shape, weight.stride()
        row, col = divmod(int(weight.storage_offset()) - place.start, place.cols)
        if (step_b == 1 or b == 1) and (step_a == place.cols or a == 1):
            stored_out_first, rows, cols = out_first, (row, row + a), (col, col + b)
        elif (step_a == 1 or a == 1) and (step_b == place.cols or b == 1):
            stored_out_first, rows, cols = not out_first, (row, row + b), (col, col + a)
        else:
            return None
        if rows[1] > place.rows or cols[1] > place.cols:
            return None
        if stored_out_first:
            return WeightView(place.parameter, (place.rows, place.cols), rows, cols)
        return WeightView(place.parameter, (place.cols, place.rows), cols, rows)

    def _place(self, tensor: Tensor) -> _Place | None:
        copy_of = self.of(tensor).copy_of
        if copy_of is not None:
            return replace(self._by_name[copy_of], start=0)
        offset = tensor.storage_offset()
        for place in self._places.get(storage_key(tensor), ()):
            if place.start <= offset < place.start + place.rows * place.cols:
                return place
        return None


def repetition(tensor: Tensor) -> tuple[int, int]:
    """(copies, chunk): how often an expanded tensor repeats each chunk of its last dimensions; (1, 0) if it does not.

    Only repetition outside the last two dimensions counts: those are the matrix.
    """
    repeated = [d for d in range(tensor.dim() - 2) if tensor.stride(d) == 0 and tensor.shape[d] > 1]
    if len(repeated) != 1:
        return 1, 0
    return tensor.shape[repeated[0]], prod(tensor.shape[repeated[0] + 1 :])


def _constants(model: nn.Module) -> Iterable[Tensor]:
    """Buffers, and tensors that modules keep as plain attributes."""
    yield from model.buffers()
    for module in model.modules():
        for value in vars(module).values():
            if isinstance(value, Tensor):
                yield value
