"""What is asked of a model that has no data: tokens, windows, images, batches; and inputs of that size."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedModel

_AUDIO_HZ = 16_000  # what the feature extractors of transformers' speech models take
_FRAMES_PER_S = 100  # and what they give: a frame every 10 ms


@dataclass(frozen=True)
class Sizes:
    """What is asked. None takes a default; a size that the model's kind of input does not have is refused.

    Text: `seq` tokens at once (128) on top of `past` tokens in the cache, then `decode` tokens one by one. Speech: a
    window of `window_s` seconds (30). Images: `image_size` pixels square (the configuration's, else 224). A model with
    encoder and decoder runs its encoder once, on the window or on `seq` tokens, then its decoder on one token and on
    `decode` more. Logits are computed for the last token only. `beams` multiplies the rows of what decodes.
    """

    batch: int = 1
    seq: int | None = None
    past: int = 0
    decode: int = 0
    beams: int = 1
    image_size: int | None = None
    window_s: float | None = None

    def __post_init__(self) -> None:
        for name, least in (("batch", 1), ("beams", 1), ("past", 0), ("decode", 0), ("seq", 1), ("image_size", 1)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise ValueError(f"sizes: {name} is {value}, but it must be at least {least}")
        if self.window_s is not None and not 0 < self.window_s < float("inf"):
            raise ValueError(f"sizes: window_s is {self.window_s}, but it must be a time above 0")


def sized(config: PreTrainedConfig, sizes: Sizes) -> PreTrainedConfig:
    """The configuration, changed where a model is built for one size of input."""
    if sizes.image_size is not None and hasattr(config, "image_size"):
        config.image_size = sizes.image_size
    if sizes.window_s is not None and config.model_type == "whisper":
        config.max_source_positions = round(sizes.window_s * _FRAMES_PER_S / 2)  # its second convolution halves them
    return config


def example(model: PreTrainedModel, sizes: Sizes) -> Tensor:
    """The model's main input, without data."""
    kind, config, batch = model.main_input_name, model.config, sizes.batch
    window_s = 30.0 if sizes.window_s is None else sizes.window_s
    if kind == "input_ids":
        return tokens(batch * (1 if config.is_encoder_decoder else sizes.beams), sizes.seq or 128)
    if kind == "pixel_values":
        side = sizes.image_size or int(getattr(config, "image_size", 224))
        return torch.empty(batch, getattr(config, "num_channels", 3), side, side, device="meta")
    if kind == "input_values" and hasattr(config, "conv_stride"):
        return torch.empty(batch, round(window_s * _AUDIO_HZ), device="meta")
    if kind == "input_features" and config.model_type == "whisper":
        return torch.empty(batch, config.num_mel_bins, 2 * config.max_source_positions, device="meta")
    if kind == "input_features" and hasattr(config, "input_feat_per_channel"):
        return torch.empty(batch, round(window_s * _FRAMES_PER_S), config.input_feat_per_channel, device="meta")
    raise ValueError(f"config: no inputs are known for a {config.model_type} model ({kind}): give them to `lower`")


def tokens(batch: int, count: int) -> Tensor:
    """Token numbers, without data."""
    return torch.empty(batch, count, dtype=torch.long, device="meta")


def facts(model: PreTrainedModel, sizes: Sizes) -> dict[str, int | float | str]:
    """What was asked, in numbers, for the program and its rows. ValueError for a size that the model does not have."""
    kind, config = model.main_input_name, model.config
    meant = {"input_ids": {"seq"}, "pixel_values": {"image_size"}}.get(kind, {"window_s"}) | {"batch"}
    if model.can_generate():
        meant |= {"decode", "beams"} | (set() if config.is_encoder_decoder else {"past"})
    for field in fields(Sizes):
        if field.name not in meant and getattr(sizes, field.name) != field.default:
            would_do = ", ".join(sorted(meant))
            raise ValueError(f"sizes: {field.name} says nothing to a {config.model_type} model; it has {would_do}")
    _check_positions(config, sizes)
    asked = {name: getattr(sizes, name) for name in sorted(meant)}
    return {name: value for name, value in asked.items() if value is not None} | _shape(model, example(model, sizes))


def _check_positions(config: PreTrainedConfig, sizes: Sizes) -> None:
    """A table of positions has an end; angles (rotary embeddings) and distances (T5) have none."""
    table = "max_target_positions" if hasattr(config, "max_target_positions") else "max_position_embeddings"
    most = getattr(config, table, None)
    if most is None or hasattr(config, "rope_parameters") or hasattr(config, "rope_theta"):
        return
    prompt = sizes.past + (sizes.seq or 128)
    asked = [prompt, 1 + sizes.decode] if config.is_encoder_decoder else [prompt + sizes.decode]
    if hasattr(config, "max_source_positions"):  # speech: its window has a check of its own
        asked = asked[1:]
    if max(asked) > most:
        raise ValueError(f"sizes: {max(asked)} tokens, but this {config.model_type} model has {most} positions")


def _shape(model: PreTrainedModel, inputs: Tensor) -> dict[str, int | float | str]:
    """Defaults that were taken."""
    kind = model.main_input_name
    if kind == "input_ids":
        return {"seq": inputs.shape[1]}
    if kind == "pixel_values":
        return {"image_size": inputs.shape[-1]}
    if kind == "input_values":
        return {"window_s": inputs.shape[1] / _AUDIO_HZ}
    return {"window_s": inputs.shape[2 if model.config.model_type == "whisper" else 1] / _FRAMES_PER_S}
