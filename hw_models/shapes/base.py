"""What a shape is: a real network's products and host work at the size its paper gives, without weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hw_models.program import Gemm, HostOp, Program

Ops = list[Gemm | HostOp]


@dataclass(frozen=True)
class Shape:
    """A network of the library.

    * `build(seq, batch)` gives its operations and the request they answer, for `seq` in [shortest, longest].
    * `seq` is the length of the network's first stack; `seq_means` says what one position is. A network with a fixed
      input has `seq_means` None and ignores it.
    * Products whose right operand is a weight have `stationary_known`; one with a single output column is a
      depth-wise filter and is never pruned.
    """

    name: str
    summary: str
    source: str
    build: Callable[[int, int], tuple[Ops, dict[str, int | float | str]]]
    seq_means: str | None = None
    seq: int = 1
    longest: int = 1 << 20
    shortest: int = 1

    def program(self, seq: int | None = None, batch: int = 1) -> Program:
        """The operations for one request of `batch` inputs; `ValueError` if a length does not fit."""
        length = self.seq if seq is None else seq
        if seq is not None and self.seq_means is None:
            raise ValueError(f"shape {self.name}: --seq {seq}: its input has a fixed size ({self.summary})")
        if not self.shortest <= length <= self.longest:
            span = f"{self.shortest} to {self.longest}"
            raise ValueError(f"shape {self.name}: --seq {length} is not from {span} ({self.seq_means})")
        if not 1 <= batch <= 1 << 16:
            raise ValueError(f"shape {self.name}: --batch {batch} is not from 1 to {1 << 16}")
        ops, request = self.build(length, batch)
        return Program(tuple(ops), name=self.name, request={**request, "batch": batch})


def linear(name: str, rows: int, inputs: int, outputs: int, *, bias: bool = True, repeat: int = 1) -> Gemm:
    """A layer y = x W (+ b) on `rows` tokens."""
    return Gemm(name, rows, inputs, outputs, bias=bias, repeat=repeat)


def conv1d(name: str, positions: int, channels: int, filters: int, width: int, *, bias: bool = True) -> Ops:
    """A convolution along time, unrolled: `positions` outputs, each of `width` x `channels` inputs."""
    return [
        HostOp(f"{name}.im2col", "im2col", positions * width * channels),
        Gemm(name, positions, width * channels, filters, bias=bias),
    ]


def conv2d(
    name: str, out: tuple[int, int], channels: int, filters: int, kernel: int, batch: int, *, bias: bool = True
) -> Ops:
    """A convolution of `kernel` x `kernel`, unrolled; one of 1x1 needs no unrolling."""
    positions, window = out[0] * out[1] * batch, kernel * kernel * channels
    product = Gemm(name, positions, window, filters, bias=bias)
    return [product] if kernel == 1 else [HostOp(f"{name}.im2col", "im2col", positions * window), product]
