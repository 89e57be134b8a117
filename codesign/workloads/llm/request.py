"""What an accelerator is asked of a language model: read a prompt, say tokens, or go on from a cache that is full."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from transformers import DynamicCache, PreTrainedModel


@dataclass(frozen=True)
class Generate:
    """`prompt` tokens read at once, after `cached` that are in the cache already; then `tokens` said, one a step.

    The first token said comes out of the prompt, where there is one; the vocabulary is scored for it, and then for each
    step, but not for the other positions of the prompt.
    """

    prompt: int = 512
    cached: int = 0
    tokens: int = 0
    batch: int = 1

    def __post_init__(self) -> None:
        for name, least in (("prompt", 0), ("cached", 0), ("tokens", 0), ("batch", 1)):
            if getattr(self, name) < least:
                raise ValueError(f"llm: request: {name} is {getattr(self, name)}, but it must be at least {least}")
        if self.prompt + self.tokens == 0:
            raise ValueError("llm: request: no prompt and no tokens: nothing is asked")

    @property
    def steps(self) -> int:
        """Passes of one token: the prompt gives the first token itself."""
        return max(0, self.tokens - 1) if self.prompt else self.tokens

    def check(self, most: int) -> None:
        """Raises ValueError where the model, of so many positions, cannot be asked this."""
        length = self.cached + self.prompt + self.steps
        if length > most:
            raise ValueError(
                f"llm: request: {self.cached} cached, {self.prompt} read and {self.steps} stepped make {length} "
                f"tokens, but the model has {most} positions"
            )

    @torch.no_grad()
    def __call__(self, model: nn.Module) -> Tensor:
        """Logits (batch, 1, vocabulary) of the last token. Runs wherever the model is, `meta` included."""
        llama = cast("PreTrainedModel", model)
        self.check(llama.config.max_position_embeddings)
        cache = self._cache(llama)
        if self.prompt:
            answer = self._pass(llama, self.prompt, cache)
        for _ in range(self.steps):
            answer = self._pass(llama, 1, cache)
        return answer

    def _pass(self, llama: PreTrainedModel, length: int, cache: DynamicCache) -> Tensor:
        read = torch.zeros(self.batch, length, dtype=torch.long, device=llama.device)
        logits: Tensor = llama(input_ids=read, cache=cache, use_cache=True, logits_to_keep=1).logits
        return logits

    def _cache(self, llama: PreTrainedModel) -> DynamicCache:
        """Keys and values of `cached` tokens: zeros, for a machine does not look at them."""
        from transformers import DynamicCache

        cache = DynamicCache(config=llama.config)
        for index, layer in enumerate(llama.model.layers if self.cached else ()):
            width = layer.self_attn.head_dim
            keys, values = (
                torch.zeros(self.batch, projection.out_features // width, self.cached, width,
                            device=llama.device, dtype=llama.dtype)
                for projection in (layer.self_attn.k_proj, layer.self_attn.v_proj)
            )  # fmt: skip
            cache.update(keys, values, index)
        return cache
