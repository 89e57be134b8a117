"""What calibration tells of each layer's inputs: exact statistics, gathered in one pass over the batches."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from codesign.pruning.layers import input_rows, is_grouped

Batch = Mapping[str, Any]  # keyword arguments of the model's forward: their kind is the model's affair


class InputStats:
    """Sums over every input row seen so far, in float64, whatever the number of batches they came in.

    The variance is merged batch by batch (Chan, Golub and LeVeque, Updating formulae and a pairwise algorithm for
    computing sample variances, 1979), so it is the two-pass value up to rounding: nothing large is cancelled.
    """

    def __init__(self, width: int, device: torch.device, gram: bool) -> None:
        self.rows = 0
        self.mean = torch.zeros(width, dtype=torch.float64, device=device)  # (in,)
        self._scatter = torch.zeros_like(self.mean)  # (in,) sum of squared distances from the mean
        self._gram = torch.zeros(width, width, dtype=torch.float64, device=device) if gram else None

    def add(self, rows: Tensor) -> None:
        """Take in (rows, in). Elementwise and matrix work is in float32 at least, sums of it in float64."""
        rows = rows if rows.dtype == torch.float64 else rows.float()
        count, mean = len(rows), rows.sum(0, dtype=torch.float64) / len(rows)
        near = mean.to(rows.dtype)
        scatter = (rows - near).square_().sum(0, dtype=torch.float64) - count * (mean - near).square()
        step, total = mean - self.mean, self.rows + count
        self._scatter += scatter + step.square() * (self.rows * count / total)
        self.mean += step * (count / total)
        self.rows = total
        if self._gram is not None:
            self._gram += rows.T @ rows

    @property
    def variance(self) -> Tensor:
        """(in,) sample variance, divisor n - 1."""
        return self._scatter / max(self.rows - 1, 1)

    @property
    def norm(self) -> Tensor:
        """(in,) length of each input column over all rows."""
        return (self._scatter + self.mean.square() * self.rows).sqrt()

    @property
    def gram(self) -> Tensor:
        """(in, in) X^T X over all rows."""
        assert self._gram is not None, "no Gram matrix was asked of this pass"
        return self._gram


def input_statistics(
    model: nn.Module, layers: Mapping[str, nn.Module], batches: Sequence[Batch], gram: bool = False
) -> dict[str, InputStats]:
    """One forward pass over the batches; layers that read the same tensor share one set of statistics.

    Grouped convolutions are left out: see `is_grouped`.
    """
    if not batches:
        raise ValueError("calibration: no batch came, but the method reads the layers' inputs")
    reader = _Reader(gram)
    layers = {name: layer for name, layer in layers.items() if not is_grouped(layer)}
    with watching(layers, reader.read):
        run(model, batches)
    for name in layers:
        if name not in reader.seen or reader.seen[name].rows == 0:
            raise ValueError(f"calibration: layer {name}: no input reached it; the batches must pass through it")
        if not bool(torch.isfinite(reader.seen[name].norm).all()):
            raise ValueError(f"calibration: layer {name}: its inputs hold NaN or infinite values")
    return reader.seen


class _Reader:
    """Feeds each input tensor to its statistics once, whoever else reads it."""

    def __init__(self, gram: bool) -> None:
        self.seen: dict[str, InputStats] = {}
        self._gram = gram
        self._leader: dict[str, str] = {}  # layer -> the first layer that reads the same tensor, perhaps itself
        self._latest: dict[str, weakref.ref[Tensor]] = {}  # leader -> its latest input

    def read(self, name: str, module: nn.Module, tensor: Tensor) -> None:
        leader = self._leader.setdefault(name, self._who_reads(tensor, module) or name)
        if leader == name:
            self._take_in(name, module, tensor)
        elif self._latest[leader]() is not tensor:
            raise ValueError(f"calibration: {name} reads what {leader} reads at one time and not at another")
        self.seen[name] = self.seen[leader]

    def _take_in(self, name: str, module: nn.Module, tensor: Tensor) -> None:
        self._latest[name] = weakref.ref(tensor)
        rows = input_rows(module, tensor.detach())
        if name not in self.seen:
            self.seen[name] = InputStats(rows.shape[1], rows.device, self._gram)
        self.seen[name].add(rows)

    def _who_reads(self, tensor: Tensor, module: nn.Module) -> str | None:
        if isinstance(module, nn.Conv1d | nn.Conv2d):  # another kernel makes other rows of the same tensor
            return None
        return next((name for name, latest in self._latest.items() if latest() is tensor), None)


@contextmanager
def watching(layers: Mapping[str, nn.Module], read: Callable[[str, nn.Module, Tensor], None]) -> Iterator[None]:
    """Within, `read(name, module, input)` is called before each layer runs."""
    with ExitStack() as stack:
        for name, layer in layers.items():
            handle = layer.register_forward_pre_hook(lambda module, args, name=name: read(name, module, args[0]))
            stack.callback(handle.remove)
        yield


def run(model: nn.Module, batches: Sequence[Batch]) -> None:
    """Pass every batch through the model: evaluation mode, no gradients, on the model's device."""
    with evaluating(model), torch.no_grad():
        for batch in batches:
            model(**on(device_of(model), batch))


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Within, the model is in evaluation mode; after, in the mode it came in."""
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        yield
    finally:
        for module, training in modes.items():
            module.training = training


def device_of(model: nn.Module) -> torch.device:
    """Where the model's parameters live."""
    return next(model.parameters()).device


def on(device: torch.device, batch: Batch) -> dict[str, Any]:
    """The batch with its tensors on the device."""
    return {key: value.to(device) if isinstance(value, Tensor) else value for key, value in batch.items()}
