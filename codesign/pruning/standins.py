"""What stands in a compacted model where a module of the original cannot be made smaller by cutting its tensors."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor, nn

from codesign.pruning.layers import matrix


class FullWidthLayerNorm(nn.LayerNorm):
    """Layer norm of a stream that lost channels, as if they were still there and zero: mean and variance of all."""

    def __init__(self, norm: nn.LayerNorm, full_width: int) -> None:
        super().__init__(norm.weight.shape[0], norm.eps, bias=norm.bias is not None, device="meta")
        self.weight, self.bias = norm.weight, norm.bias
        self.full_width = full_width

    def forward(self, input: Tensor) -> Tensor:
        """(..., channels that live)."""
        missing = self.full_width - input.shape[-1]
        mean = input.sum(-1, keepdim=True) / self.full_width
        centred = input - mean
        variance = (centred.square().sum(-1, keepdim=True) + missing * mean.square()) / self.full_width
        scaled = centred * torch.rsqrt(variance + self.eps) * self.weight
        return scaled if self.bias is None else scaled + self.bias


class Narrow(nn.Module):
    """In place of a layer none of whose outputs is read: hands on one input, so that what follows has a tensor."""

    def forward(self, input: Tensor) -> Tensor:
        """(..., in) -> (..., 1)."""
        return input[..., :1]


class Constant(nn.Module):
    """In place of a layer that lost all its inputs: gives its bias."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        weight = matrix(layer)
        bias = layer.bias if isinstance(layer.bias, Tensor) else weight.new_zeros(len(weight))
        self.bias = nn.Parameter(bias.detach(), requires_grad=False)

    def forward(self, input: Tensor) -> Tensor:
        """(..., in) -> (..., out)."""
        return self.bias.expand(*input.shape[:-1], -1)


class _Cache(Protocol):
    """Hugging Face's cache of keys and values."""

    def update(self, keys: Tensor, values: Tensor, layer_idx: int) -> object: ...


class NoAttention(nn.Module):
    """In place of an attention that lost all heads: gives its output layer's bias, and keeps the cache as long."""

    def __init__(self, attention: nn.Module, output: nn.Module) -> None:
        super().__init__()
        self.constant = Constant(output)
        self.layer_idx = int(getattr(attention, "layer_idx", None) or 0)
        self.pair = type(attention).__module__.startswith("transformers.")  # there attention returns (output, weights)

    def forward(
        self, hidden_states: Tensor, *_: object, cache: _Cache | None = None, **rest: object
    ) -> Tensor | tuple[Tensor, None]:
        """(batch, tokens, channels)."""
        if cache is not None and rest.get("key_value_states") is None:
            own: _Cache = getattr(cache, "self_attention_cache", cache)
            blank = hidden_states[:, None, :, :1]  # one number a token: from its length the model knows the position
            own.update(blank, blank, self.layer_idx)
        output = self.constant(hidden_states)
        return (output, None) if self.pair else output


def attend_unevenly(attention: nn.Module, kv_of_query: list[int]) -> None:
    """Let a Hugging Face attention give each query head its kv head where the groups have become of unequal size."""
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    AttentionInterface.register("codesign_uneven", _uneven)
    AttentionMaskInterface.register("codesign_uneven", sdpa_mask)
    config = getattr(attention, "config", None)
    if config is None or not hasattr(attention, "num_key_value_groups"):
        raise ValueError(
            f"plan: {type(attention).__name__} cannot give its query heads unequal shares of the kv heads; "
            "remove kv_group instead of query_head, or use apply, which keeps the shapes"
        )
    attention.register_buffer("kv_of_query", torch.tensor(kv_of_query), persistent=False)
    attention.num_key_value_groups = 1  # type: ignore[assignment]  # a number, whatever nn.Module declares
    config._attn_implementation = "codesign_uneven"


def _uneven(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, *args: object, **rest: object
) -> tuple[Tensor, None]:
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    index = getattr(module, "kv_of_query", None)
    if index is not None:
        key, value = key[:, index], value[:, index]
    output: tuple[Tensor, None] = sdpa_attention_forward(module, query, key, value, *args, **rest)
    return output
