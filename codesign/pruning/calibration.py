"""What the calibration batches say of the layers in scope: asked for once, kept, and shared by method and repair."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum

import torch
from torch import Tensor, nn

from codesign.pruning.layers import as_matrix, matrix
from codesign.pruning.statistics import Batch, InputStats, device_of, evaluating, input_statistics, on

Loss = Callable[[nn.Module, Batch], Tensor]
GRAM_BYTES = 4 << 30  # Gram matrices held at once; beyond, they come in several passes over the batches


class Stat(Enum):
    """What a method or a repair can need."""

    INPUTS = "mean, variance and norm of each layer's inputs"
    GRAM = "products of each layer's inputs with each other"
    GRADIENT = "gradient of the loss by each weight"
    UTILITY = "what a pruned model is worth, asked many times"


class Calibration:
    """Lazy: each kind of statistics costs its pass over the batches when it is first asked for."""

    def __init__(
        self, model: nn.Module, layers: Mapping[str, nn.Module], batches: Sequence[Batch], loss: Loss | None = None
    ) -> None:
        self._model = model
        self._layers = layers
        self._batches = batches
        self._loss = loss or own_loss
        self._inputs: dict[str, InputStats] = {}
        self._has_gram = False
        self._gram_expected = False
        self._gradients: dict[str, Tensor] = {}

    def expect(self, gram: bool) -> None:
        """Says that Gram matrices will be asked for, so that the first pass gathers them as well."""
        self._gram_expected |= gram

    def inputs(self, gram: bool = False) -> Mapping[str, InputStats]:
        """Statistics of each layer's inputs; with their Gram matrices if asked for and if all fit in `GRAM_BYTES`."""
        gram = (gram or self._gram_expected) and len(self._chunks()) == 1
        if not self._inputs or (gram and not self._has_gram):
            self._inputs = input_statistics(self._model, self._layers, self._batches, gram)
            self._has_gram = gram
        return self._inputs

    def gram_chunks(self) -> Iterator[Mapping[str, InputStats]]:
        """All layers with their Gram matrices, in as many passes as memory makes necessary."""
        chunks = self._chunks()
        if len(chunks) == 1:
            yield self.inputs(gram=True)
            return
        for names in chunks:
            yield input_statistics(self._model, {name: self._layers[name] for name in names}, self._batches, gram=True)

    def _chunks(self) -> list[list[str]]:
        chunks: list[list[str]] = [[]]
        held = 0
        for name, layer in self._layers.items():
            size = 8 * matrix(layer).shape[1] ** 2
            if chunks[-1] and held + size > GRAM_BYTES:
                chunks.append([])
                held = 0
            chunks[-1].append(name)
            held += size
        return chunks

    def gradients(self) -> Mapping[str, Tensor]:
        """(out, in) gradient of the mean calibration loss by each layer's weight; forward and backward once."""
        if not self._gradients:
            self._gradients = _weight_gradients(self._model, self._layers, self._batches, self._loss)
        return self._gradients


def own_loss(model: nn.Module, batch: Batch) -> Tensor:
    """The loss that the model itself computes where the batch brings labels."""
    loss = getattr(model(**batch), "loss", None)
    if not isinstance(loss, Tensor):
        raise ValueError("calibration: the method needs a loss, but model(**batch).loss is none: give labels or a loss")
    return loss


def _weight_gradients(
    model: nn.Module, layers: Mapping[str, nn.Module], batches: Sequence[Batch], loss: Loss
) -> dict[str, Tensor]:
    if not batches:
        raise ValueError("calibration: no batch came, but the method takes the gradient of a loss over them")
    weights = [model.get_parameter(f"{name}.weight") for name in layers]
    wanted = {parameter: parameter.requires_grad for parameter in model.parameters()}
    sums = [torch.zeros_like(weight) for weight in weights]
    try:
        model.requires_grad_(False)
        for weight in weights:
            weight.requires_grad_(True)
        with evaluating(model), torch.enable_grad():
            for batch in batches:
                steps = torch.autograd.grad(loss(model, on(device_of(model), batch)), weights)
                for total, step in zip(sums, steps, strict=True):
                    total += step / len(batches)
    finally:
        for parameter, flag in wanted.items():
            parameter.requires_grad_(flag)
    return {name: as_matrix(layer, total) for (name, layer), total in zip(layers.items(), sums, strict=True)}
