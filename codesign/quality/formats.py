"""Numbers in fewer bits: a copy of a model whose weights, or whose layers' inputs, are the rounded ones."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

INT8_MAX = 127  # symmetric: -128 is not used, so that a sign and a magnitude of 7 bits hold every weight

WEIGHTED = (nn.Linear, nn.Conv1d, nn.Conv2d)
"""The layers whose weights an array holds. Norms, biases and embeddings that no such layer shares stay as they are."""


def with_weight_format(model: nn.Module, weight_format: str) -> nn.Module:
    """A copy whose weights have gone through the format once; fp32 gives the model itself.

    The weights are computed with in the model's own precision: only what storing them loses is shown.
    """
    if weight_format not in FORMATS:
        raise ValueError(f"quality: weight_format: {weight_format!r} is not one of {', '.join(FORMATS)}")
    if weight_format == "fp32":
        return model
    stored = copy.deepcopy(model)
    layers = (layer for layer in stored.modules() if isinstance(layer, WEIGHTED))
    with torch.no_grad():
        for weight in {id(layer.weight): layer.weight for layer in layers}.values():  # a tied one once
            weight.copy_(FORMATS[weight_format](weight))
    return stored


def int8_per_tensor(weight: Tensor) -> Tensor:
    """Rounded to 255 levels of one scale, max|w| / 127, to nearest even, and scaled back; zeros stay zeros.

    SASP's quantiser (released code of arXiv:2411.10285, `quantization.py`: scale = max|W| / 127, clip to [-127, 127]).
    """
    scale = weight.abs().max() / INT8_MAX
    if scale == 0:
        return weight.clone()
    return (weight / scale).round().clamp(-INT8_MAX, INT8_MAX) * scale


def _through(dtype: torch.dtype) -> Callable[[Tensor], Tensor]:
    return lambda weight: weight.to(dtype).to(weight.dtype)


FORMATS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "fp32": lambda weight: weight,
    "fp16": _through(torch.float16),
    "bf16": _through(torch.bfloat16),
    "int8": int8_per_tensor,
}


def with_activation_format(model: nn.Module, activation_format: str) -> nn.Module:
    """A copy whose weighted layers round what comes in; fp32 gives the model itself.

    For machines that compute on INT8 activations: one scale for a tensor, found as it comes (dynamic), and the first
    dimension is the batch, so that a request is rounded as if it came alone. Products of two activations (scores and
    context of attention) are left as they are, and so are norms and softmax, which the host computes.
    """
    if activation_format not in FORMATS:
        raise ValueError(f"quality: activation_format: {activation_format!r} is not one of {', '.join(FORMATS)}")
    if activation_format == "fp32":
        return model
    rounded = copy.deepcopy(model)
    for layer in rounded.modules():
        if isinstance(layer, WEIGHTED):
            layer.register_forward_pre_hook(_Rounding(activation_format))
    return rounded


@dataclass(frozen=True)
class _Rounding:
    """Called before a layer; a value, so that a model that carries it can be copied and sent to other processes."""

    activation_format: str

    def __call__(self, layer: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        x, *others = inputs
        if self.activation_format == "int8":
            return int8_per_sample(x), *others
        return FORMATS[self.activation_format](x), *others


def int8_per_sample(x: Tensor) -> Tensor:
    """As `int8_per_tensor`, with a scale for each entry of the first dimension."""
    scale = x.abs().flatten(1).amax(1).clamp(min=torch.finfo(x.dtype).tiny) / INT8_MAX
    scale = scale.view(-1, *(1,) * (x.dim() - 1))
    return (x / scale).round().clamp(-INT8_MAX, INT8_MAX) * scale
