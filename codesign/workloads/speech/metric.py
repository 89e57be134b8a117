"""How well a Whisper is judged to hear: word error rate of what it says, greedily decoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from torch import nn

from codesign.quality import Quality
from codesign.quality.wer import Normaliser, word_error_rate
from codesign.workloads.base import Data, Progress
from codesign.workloads.progress import logged
from codesign.workloads.speech.corpora import Utterance
from codesign.workloads.speech.decode import Greedy
from codesign.workloads.speech.encode import Encoding

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import WhisperForConditionalGeneration


@dataclass(frozen=True)
class WordErrorRate:
    """Decodes every utterance of the evaluation set and counts words; samples are `Utterance`s."""

    encode: Encoding
    decode: Greedy
    tokenizer: Tokenizer
    normalise: Normaliser
    name: str = "wer"

    def __call__(self, model: nn.Module, data: Data, progress: Progress | None = None) -> Quality:
        """Raises ValueError where the evaluation set is empty or mislabelled."""
        utterances = cast("Sequence[Utterance]", data.evaluation)
        heard = self.transcribe(model, utterances, progress or logged(self.name))
        return word_error_rate([utterance.text for utterance in utterances], heard, self.normalise)

    def transcribe(
        self, model: nn.Module, utterances: Sequence[Utterance], progress: Progress | None = None
    ) -> list[str]:
        """What the model hears in each utterance."""
        whisper = cast("WhisperForConditionalGeneration", model)
        said = self.decode(whisper, utterances, self.encode, progress)
        return [self.tokenizer.decode(list(tokens)).strip() for tokens in said]
