"""Word error rate: insertions, deletions and substitutions for each word that was said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from codesign.quality.base import Quality
from codesign.quality.bootstrap import ratio_interval

Normaliser = Callable[[str], str]


def whisper_normaliser(spellings: Mapping[str, str]) -> Normaliser:
    """Whisper's own for English: case, punctuation, numbers, contractions, British spellings (arXiv:2212.04356, C)."""
    from transformers.models.whisper.english_normalizer import EnglishTextNormalizer

    normalise: Normaliser = EnglishTextNormalizer(dict(spellings))
    return normalise


def word_error_rate(references: Sequence[str], hypotheses: Sequence[str], normalise: Normaliser) -> Quality:
    """Over the whole set; the value is capped at 1, `raw` is not. Interval over utterances.

    Raises ValueError where the sets differ in length, or a reference has no word after normalising.
    """
    if len(references) != len(hypotheses) or not references:
        raise ValueError(
            f"wer: {len(references)} references and {len(hypotheses)} hypotheses: one each, and one at least"
        )
    counts = [_errors(normalise(said), normalise(heard)) for said, heard in zip(references, hypotheses, strict=True)]
    errors, words = np.array(counts, dtype=np.int64).T
    raw = float(errors.sum() / words.sum())
    low, high = ratio_interval(errors, words, lambda ratio: np.minimum(ratio, 1.0))
    value = min(raw, 1.0)
    return Quality("wer", value, "ratio", "min", len(references), min(low, value), max(high, value), raw)


def _errors(said: str, heard: str) -> tuple[int, int]:
    """(errors, words said) of one utterance."""
    import jiwer

    if not said.split():
        raise ValueError(f"wer: the reference {said!r} has no word in it: the data set is mislabelled")
    found = jiwer.process_words(said, heard)
    errors = found.substitutions + found.deletions + found.insertions
    return errors, found.hits + found.substitutions + found.deletions
