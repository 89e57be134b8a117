"""What a trace holds: products with the part of a parameter that each one reads, and the host's work between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hw_models.program import Gemm, HostOp


@dataclass(frozen=True)
class WeightView:
    """The part of a parameter that a product holds still, the parameter seen as one (out, in) matrix.

    A convolution's weight is (out, in / groups * kernel height * kernel width). A parameter that is stored the other
    way round (GPT-2's `Conv1D`) is (out, in) here all the same.
    """

    parameter: str
    shape: tuple[int, int]  # (out, in) of the whole parameter
    out: tuple[int, int]  # first row read, and the one after the last
    inputs: tuple[int, int]  # the same for columns

    @property
    def whole(self) -> bool:
        """Does the product read all of the parameter?"""
        return self.out == (0, self.shape[0]) and self.inputs == (0, self.shape[1])


@dataclass(frozen=True, eq=False)
class Product:
    """A matrix product without its mask, and where its weight comes from (None: computed, or not to be followed)."""

    gemm: Gemm
    weight: WeightView | None = None


Operation = Product | HostOp


@dataclass(frozen=True, eq=False)
class Trace:
    """What a model did once. A value without tensors: trace a structure once, then attach any number of plans."""

    operations: tuple[Operation, ...]
    aliases: Mapping[str, str]  # each name of each parameter -> the name that weight views carry
    transformed: Mapping[str, str] = field(default_factory=dict)  # parameter -> product that reads what was made of it
    unmapped: Mapping[str, int] = field(default_factory=dict)  # operator -> FLOPs it does at least
    request: Mapping[str, int | float | str] = field(default_factory=dict)


class UnmappedWarning(UserWarning):
    """Some of a model's operations are in no program."""


def unmapped_message(unmapped: Mapping[str, int], operations: Iterable[Operation]) -> str:
    """One sentence: which operators are left out, the largest first, and their share of the work.

    What is mapped counts two for each multiply-accumulate and one for each element that the host works on.
    """
    missing = sum(unmapped.values())
    mapped = sum(op.elements * op.repeat if isinstance(op, HostOp) else 2 * op.gemm.macs for op in operations)
    names = ", ".join(sorted(unmapped, key=lambda name: (-unmapped[name], name)))
    share = missing / (missing + mapped)
    return f"lower: left out of the program, at least {share:.2%} of its FLOPs: {names}"
