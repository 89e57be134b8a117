"""What an accelerator is asked to do for one utterance: hear a window, then say so many tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import torch
from torch import nn

if TYPE_CHECKING:
    from transformers import WhisperForConditionalGeneration

FRAMES_PER_POSITION = 2  # the second convolution takes every other frame


@dataclass(frozen=True)
class Transcribe:
    """A window through the encoder, the prompt, then one step a token with keys and values kept.

    The prompt is answered for each utterance once; beams part at the first token said. The encoder's keys and values
    are computed with the prompt and read at every step; the vocabulary is scored for the last position only.
    """

    prompt: int
    tokens: int
    batch: int = 1
    beams: int = 1

    def __post_init__(self) -> None:
        for name in ("prompt", "tokens", "batch", "beams"):
            if getattr(self, name) < 1:
                raise ValueError(f"speech: request: {name} is {getattr(self, name)}, but it must be at least 1")

    @torch.no_grad()
    def __call__(self, model: nn.Module) -> object:
        """Logits (batch * beams, vocabulary) after the last step. Runs wherever the model is, `meta` included."""
        whisper = cast("WhisperForConditionalGeneration", model)
        config = whisper.config
        if self.prompt + self.tokens > config.max_target_positions:
            raise ValueError(
                f"speech: request: a prompt of {self.prompt} and {self.tokens} tokens to say, "
                f"but the model has {config.max_target_positions} positions"
            )
        frames = FRAMES_PER_POSITION * config.max_source_positions
        window = torch.zeros(self.batch, config.num_mel_bins, frames, device=whisper.device, dtype=whisper.dtype)
        heard = whisper.model.encoder(window).last_hidden_state
        said = torch.zeros(self.batch, self.prompt, dtype=torch.long, device=whisper.device)
        state = whisper.model.decoder(said, encoder_hidden_states=heard, use_cache=True)
        logits = whisper.proj_out(state.last_hidden_state[:, -1])
        if self.beams > 1:
            state.cache.batch_repeat_interleave(self.beams)
        for _ in range(self.tokens - 1):
            word = torch.zeros(self.batch * self.beams, 1, dtype=torch.long, device=whisper.device)
            state = whisper.model.decoder(word, encoder_hidden_states=heard, cache=state.cache, use_cache=True)
            logits = whisper.proj_out(state.last_hidden_state[:, -1])
        return logits
