"""How well a language model is judged to reason: which of four answers it holds likeliest."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, cast

import torch
from torch import nn

from codesign.quality import Quality
from codesign.quality.accuracy import accuracy
from codesign.workloads.base import Data, Progress
from codesign.workloads.llm.exam import Question
from codesign.workloads.progress import logged

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import DynamicCache, PreTrainedModel

_BATCH = 8  # questions scored together


@dataclass(frozen=True)
class Choice:
    """Reads the solved examples once, then scores each choice of each question behind them; samples: `Question`s."""

    tokenizer: Tokenizer
    begin: tuple[int, ...]
    name: str = "accuracy"

    @torch.inference_mode()
    def __call__(self, model: nn.Module, data: Data, progress: Progress | None = None) -> Quality:
        """The likeliest choice by the sum of its tokens' log-probabilities counts; a tie goes to the first listed."""
        llama = cast("PreTrainedModel", model)
        right: list[bool] = []
        tell = progress or logged(self.name)
        for before, questions in groupby(
            cast("Sequence[Question]", data.evaluation), key=lambda question: question.before
        ):
            asked = list(questions)
            read = self._read(llama, before)
            for start in range(0, len(asked), _BATCH):
                right += self._right(llama, read, asked[start : start + _BATCH])
                tell(len(right), len(data.evaluation))
        return accuracy(right)

    def _read(self, llama: PreTrainedModel, before: str) -> DynamicCache:
        tokens = torch.tensor([[*self.begin, *self._tokens(before)]], device=llama.device)
        return llama(input_ids=tokens, use_cache=True, logits_to_keep=1).cache

    def _right(self, llama: PreTrainedModel, read: DynamicCache, questions: Sequence[Question]) -> list[bool]:
        rows = [self._tokens(question.asked + choice) for question in questions for choice in question.choices]
        asked = [len(self._tokens(question.asked)) for question in questions for _ in question.choices]
        padded = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True).to(llama.device)
        state = copy.deepcopy(read)
        state.batch_repeat_interleave(len(rows))
        logits = llama(input_ids=padded, cache=state, use_cache=True).logits[:, :-1].float()
        each = -nn.functional.cross_entropy(logits.transpose(1, 2), padded[:, 1:], reduction="none").double().cpu()
        scores = [each[i, asked[i] - 1 : len(row) - 1].sum().item() for i, row in enumerate(rows)]
        width = len(questions[0].choices)
        return [max(range(width), key=lambda c: scores[at + c]) == 0 for at in range(0, len(scores), width)]

    def _tokens(self, text: str) -> list[int]:
        return list(self.tokenizer.encode(text, add_special_tokens=False).ids)
