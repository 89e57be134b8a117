"""How well a language model is judged to read: its perplexity in fixed windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn

from codesign.quality import Quality, perplexity
from codesign.workloads.base import Data, Progress
from codesign.workloads.llm.text import Window
from codesign.workloads.progress import logged

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_LOGITS_BYTES = 512 * 2**20  # of one batch on an accelerator; a CPU takes one window at a time, which stays in cache


@dataclass(frozen=True)
class Perplexity:
    """Scores each token of a window but the first, given those before it; samples are tuples of token ids."""

    name: str = "perplexity"

    @torch.inference_mode()
    def __call__(self, model: nn.Module, data: Data, progress: Progress | None = None) -> Quality:
        """Raises ValueError where a window is longer than the model allows."""
        llama = cast("PreTrainedModel", model)
        windows = cast("Sequence[Window]", data.evaluation)
        nats: list[float] = []
        tell = progress or logged(self.name)
        size = _batch_size(llama, len(windows[0]))
        for start in range(0, len(windows), size):
            nats += _surprise(llama, torch.tensor(windows[start : start + size], device=llama.device)).tolist()
            tell(len(nats), len(windows))
        return perplexity.perplexity(nats, [len(window) - 1 for window in windows])


def _surprise(llama: PreTrainedModel, tokens: Tensor) -> Tensor:
    """(windows,): nats over the tokens (windows, length) but the first of each."""
    logits = llama(input_ids=tokens, use_cache=False).logits[:, :-1].float()
    each = nn.functional.cross_entropy(logits.transpose(1, 2), tokens[:, 1:], reduction="none")
    return each.double().sum(1)


def _batch_size(llama: PreTrainedModel, length: int) -> int:
    if llama.device.type == "cpu":
        return 1
    return max(1, _LOGITS_BYTES // (4 * length * int(llama.config.vocab_size)))
