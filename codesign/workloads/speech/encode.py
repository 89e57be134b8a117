"""Encoding utterances, and keeping what pruning leaves as it is: the encoder up to its first feed-forward net.

A sweep judges the same utterances under many plans. With feed-forward layers in scope, the convolutions and the first
attention are the same each time, a sixth of the work: their result is kept, and is the same to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from torch import Tensor, nn

from codesign.workloads.digest import model_digest
from codesign.workloads.speech.audio import log_mel
from codesign.workloads.speech.corpora import Utterance

if TYPE_CHECKING:
    from transformers import WhisperForConditionalGeneration
    from transformers.models.whisper.modeling_whisper import WhisperEncoder

_KEPT_BYTES = 512 * 2**20
_REWRITTEN = "hooks"  # a beginning whose result hangs on more than its weights is not kept


@dataclass
class Encoding:
    """Encodes one utterance at a time; forgets what it kept when the beginning of the encoder is another."""

    window_s: float
    _beginning: str = ""
    _kept: dict[str, Tensor] = field(default_factory=dict, repr=False)

    def __getstate__(self) -> dict[str, object]:
        """Another process keeps its own."""
        return {"window_s": self.window_s, "_beginning": "", "_kept": {}}

    def prepare(self, model: WhisperForConditionalGeneration) -> None:
        """To be called before a model encodes: what is kept holds for models that begin alike."""
        beginning = f"{model.device} {_digest(model.model.encoder)}"
        if beginning != self._beginning:
            self._beginning = beginning
            self._kept.clear()

    def __call__(self, model: WhisperForConditionalGeneration, utterance: Utterance) -> Tensor:
        """(1, positions, width)."""
        begun = self._kept.get(utterance.digest)
        if begun is None:
            begun = _begin(model.model.encoder, self._features(model, utterance))
            if _REWRITTEN not in self._beginning and (len(self._kept) + 1) * begun.nbytes <= _KEPT_BYTES:
                self._kept[utterance.digest] = begun
        return _finish(model.model.encoder, begun)

    def _features(self, model: WhisperForConditionalGeneration, utterance: Utterance) -> Tensor:
        wave = utterance.wave.to(model.device)
        return log_mel(wave, self.window_s, model.config.num_mel_bins)[None].to(model.dtype)


def _parts(encoder: WhisperEncoder) -> nn.ModuleList:
    first = encoder.layers[0]
    return nn.ModuleList(
        [encoder.conv1, encoder.conv2, encoder.embed_positions, first.self_attn_layer_norm, first.self_attn]
    )


def _digest(encoder: WhisperEncoder) -> str:
    parts = _parts(encoder)
    hooked = any(part._forward_hooks or part._forward_pre_hooks for part in parts.modules())
    return _REWRITTEN if hooked else model_digest(parts)


def _begin(encoder: WhisperEncoder, features: Tensor) -> Tensor:
    """As `transformers` encodes, up to the first layer's feed-forward net."""
    x = nn.functional.gelu(encoder.conv1(features))
    x = nn.functional.gelu(encoder.conv2(x)).transpose(1, 2) + encoder.embed_positions.weight
    first = encoder.layers[0]
    mixed, _ = first.self_attn(first.self_attn_layer_norm(x))
    begun: Tensor = x + mixed
    return begun


def _finish(encoder: WhisperEncoder, x: Tensor) -> Tensor:
    """The first layer's feed-forward net, and the layers after it."""
    first = encoder.layers[0]
    x = x + first.fc2(first.activation_fn(first.fc1(first.final_layer_norm(x))))
    for layer in encoder.layers[1:]:
        x = layer(x, None)
    encoded: Tensor = encoder.layer_norm(x)
    return encoded
