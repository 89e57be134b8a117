"""The metrics that there are, described."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from codesign.quality.base import Goal


@dataclass(frozen=True)
class MetricEntry:
    """One line of the table."""

    name: str
    sentence: str
    unit: str
    goal: Goal
    sample: str  # what the interval is drawn over
    reference: str


_MEMBERS = (
    MetricEntry(
        "wer",
        "Word error rate after Whisper's English text normaliser, capped at 1; raw beside it",
        "ratio",
        "min",
        "utterance",
        "Radford et al., 2022, arXiv:2212.04356, appendix C; computed by jiwer",
    ),
    MetricEntry(
        "perplexity",
        "exp of the mean negative log-likelihood of a token, in windows of fixed length that do not overlap",
        "tokens",
        "min",
        "window",
        "Jelinek et al., Perplexity, a measure of the difficulty of speech recognition tasks, JASA 62, 1977",
    ),
    MetricEntry(
        "accuracy",
        "Share of images whose likeliest class, or of questions whose likeliest choice, is the right one",
        "ratio",
        "max",
        "image or question",
        "",
    ),
)

METRICS: Mapping[str, MetricEntry] = {member.name: member for member in _MEMBERS}
