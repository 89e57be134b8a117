"""Greedy transcription by a Whisper: each utterance is encoded alone, then many are decoded together.

The steps run through the model's own layers, so a pruned or quantised copy is heard as it is; only the loop around them
is ours, because it keeps keys and values in place, computes those of the encoder once, and drops who has finished.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from math import ceil
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from codesign.workloads.speech.checkpoint import Checkpoint
from codesign.workloads.speech.corpora import Utterance
from codesign.workloads.speech.encode import Encoding

if TYPE_CHECKING:
    from transformers import WhisperForConditionalGeneration
    from transformers.models.whisper.modeling_whisper import WhisperAttention

TOKENS_PER_SECOND = 8  # fast speech is 3 to 4 words, some 5 tokens a second; a pruned decoder that loops is stopped
TOKENS_EXTRA = 8
_CROSS_BYTES = 640 * 2**20  # keys and values of the encoder kept at once: bounds the batch


@dataclass(frozen=True)
class Greedy:
    """Says the likeliest token, again and again, until the end or until the audio's length forbids more."""

    prompt: tuple[int, ...]
    end: int
    never: tuple[int, ...]
    never_first: tuple[int, ...]

    @classmethod
    def of(cls, checkpoint: Checkpoint) -> Greedy:
        """As the checkpoint asks to be decoded."""
        never = (*checkpoint.suppressed, *checkpoint.timestamps())
        return cls(checkpoint.prompt, checkpoint.end, never, checkpoint.suppressed_first)

    def cap(self, utterance: Utterance) -> int:
        """Tokens at most, the end included."""
        return ceil(utterance.seconds * TOKENS_PER_SECOND) + TOKENS_EXTRA

    @torch.inference_mode()
    def __call__(
        self,
        model: WhisperForConditionalGeneration,
        utterances: Sequence[Utterance],
        encoding: Encoding,
        progress: Callable[[int, int], None] | None = None,
    ) -> list[tuple[int, ...]]:
        """Token ids of each utterance, prompt and end left off, in the order given."""
        encoding.prepare(model)
        positions = model.config.max_target_positions - len(self.prompt)
        caps = [min(self.cap(utterance), positions) for utterance in utterances]
        order = sorted(range(len(utterances)), key=lambda index: (caps[index], index))
        size = batch_size(model)
        said: dict[int, tuple[int, ...]] = {}
        for start in range(0, len(order), size):
            batch = order[start : start + size]
            ahead = len(said)
            memory = _Memory.of(model, len(batch), len(self.prompt) + max(caps[i] for i in batch))
            for row, index in enumerate(batch):
                memory.hear(row, encoding(model, utterances[index]))
                if progress is not None:
                    progress(ahead + row + 1, len(utterances))
            said.update(zip(batch, self._speak(memory, [caps[i] for i in batch]), strict=True))
        return [said[index] for index in range(len(utterances))]

    def _speak(self, memory: _Memory, caps: Sequence[int]) -> list[tuple[int, ...]]:
        said: list[list[int]] = [[] for _ in caps]
        live = list(range(len(caps)))
        tokens = torch.tensor([self.prompt] * len(caps), device=memory.device)
        never, never_first = (
            torch.tensor(ids, dtype=torch.long, device=memory.device) for ids in (self.never, self.never_first)
        )
        while live:
            logits = memory.step(tokens)
            logits.index_fill_(1, never, -torch.inf)
            if not said[live[0]]:
                logits.index_fill_(1, never_first, -torch.inf)
            chosen = logits.argmax(-1).tolist()
            for row, token in zip(live, chosen, strict=True):
                said[row].append(token)
            going = memory.keep([chosen[i] != self.end and len(said[row]) < caps[row] for i, row in enumerate(live)])
            live = [live[i] for i in going]
            tokens = torch.tensor([[chosen[i]] for i in going], device=memory.device)
        return [tuple(token for token in row if token != self.end) for row in said]


def batch_size(model: WhisperForConditionalGeneration) -> int:
    """Utterances decoded together: as many as keep the encoder's keys and values within bounds."""
    config = model.config
    each = 2 * config.decoder_layers * config.max_source_positions * config.d_model * model.dtype.itemsize
    return max(1, _CROSS_BYTES // int(each))


@dataclass
class _Memory:
    """Keys and values of a batch, layer by layer, and the steps that read and extend them.

    Tensors are (batch, heads, positions, head width); `said` positions of the decoder's own are filled.
    """

    model: WhisperForConditionalGeneration
    cross: list[tuple[Tensor, Tensor]]
    own: list[tuple[Tensor, Tensor]]
    said: int = 0

    @classmethod
    def of(cls, model: WhisperForConditionalGeneration, batch: int, positions: int) -> _Memory:
        def room(attention: WhisperAttention, length: int) -> tuple[Tensor, Tensor]:
            width = attention.head_dim
            keys, values = (
                torch.empty(batch, layer.out_features // width, length, width, dtype=model.dtype, device=model.device)
                for layer in (attention.k_proj, attention.v_proj)
            )
            return keys, values

        layers = model.model.decoder.layers
        cross = [room(layer.encoder_attn, model.config.max_source_positions) for layer in layers]
        return cls(model, cross, [room(layer.self_attn, positions) for layer in layers])

    @property
    def device(self) -> torch.device:
        """The model's."""
        device: torch.device = self.model.device
        return device

    def hear(self, row: int, encoded: Tensor) -> None:
        """Keep what the decoder will attend to of an encoded utterance (1, positions, width)."""
        for layer, (keys, values) in zip(self.model.model.decoder.layers, self.cross, strict=True):
            attention = layer.encoder_attn
            keys[row] = _heads(attention.k_proj(encoded), attention.head_dim)[0]
            values[row] = _heads(attention.v_proj(encoded), attention.head_dim)[0]

    def step(self, tokens: Tensor) -> Tensor:
        """(batch, vocabulary) after the last of tokens (batch, n)."""
        decoder = self.model.model.decoder
        upto = self.said + tokens.shape[1]
        x = decoder.embed_tokens(tokens) + decoder.embed_positions.weight[self.said : upto]
        for layer, cross, own in zip(decoder.layers, self.cross, self.own, strict=True):
            x = x + self._self_attention(layer.self_attn, layer.self_attn_layer_norm(x), own)
            x = x + _attend(layer.encoder_attn, layer.encoder_attn_layer_norm(x), *cross)
            x = x + layer.fc2(layer.activation_fn(layer.fc1(layer.final_layer_norm(x))))
        self.said = upto
        logits: Tensor = self.model.proj_out(decoder.layer_norm(x[:, -1])).float()
        return logits

    def _self_attention(self, attention: WhisperAttention, x: Tensor, own: tuple[Tensor, Tensor]) -> Tensor:
        upto = self.said + x.shape[1]
        for kept, projection in zip(own, (attention.k_proj, attention.v_proj), strict=True):
            kept[:, :, self.said : upto] = _heads(projection(x), attention.head_dim)
        keys, values = (kept[:, :, :upto] for kept in own)
        return _attend(attention, x, keys, values, causal=x.shape[1] > 1)

    def keep(self, goes_on: Sequence[bool]) -> list[int]:
        """Go on with these rows only: the last of them move into the gaps. Returns which old row each new one is."""
        rows = [row for row, going in enumerate(goes_on) if going]
        gaps = [row for row in range(len(rows)) if not goes_on[row]]
        moved = dict(zip(gaps, (row for row in rows if row >= len(rows)), strict=True))
        for kept in (*chain.from_iterable(self.cross), *chain.from_iterable(self.own)):
            for gap, row in moved.items():
                kept[gap] = kept[row]
        self.cross = [(keys[: len(rows)], values[: len(rows)]) for keys, values in self.cross]
        self.own = [(keys[: len(rows)], values[: len(rows)]) for keys, values in self.own]
        return [moved.get(row, row) for row in range(len(rows))]


def _heads(x: Tensor, width: int) -> Tensor:
    """(batch, n, heads * width) as (batch, heads, n, width)."""
    return x.view(*x.shape[:-1], -1, width).transpose(1, 2)


def _attend(attention: WhisperAttention, x: Tensor, keys: Tensor, values: Tensor, causal: bool = False) -> Tensor:
    """Whisper scales the query and not the scores, as `transformers` does, so that both round alike."""
    query = _heads(attention.q_proj(x) * attention.scaling, attention.head_dim)
    mixed = nn.functional.scaled_dot_product_attention(query, keys, values, is_causal=causal, scale=1.0)
    out: Tensor = attention.out_proj(mixed.transpose(1, 2).flatten(2))
    return out
