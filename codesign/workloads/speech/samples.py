"""Which utterances are calibrated on and evaluated on, and how they reach the model."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from codesign.workloads.assets import AssetUnavailable
from codesign.workloads.digest import content_digest
from codesign.workloads.speech.audio import log_mel
from codesign.workloads.speech.checkpoint import Checkpoint
from codesign.workloads.speech.corpora import Corpus, Utterance, asterisk, librispeech, librivox, split
from codesign.workloads.speech.decode import Greedy
from codesign.workloads.table import wants_all

_log = logging.getLogger(__name__)

CALIBRATION_SIZE = 24
NO_LABEL = -100  # what torch's cross entropy leaves out
FOLDER_SIZE = 64  # utterances of a user's folder in one evaluation, where not all are asked for
USUAL_SIZE = {"asterisk": 48, "librivox": 5}  # the same of what has a name


def choose(data: str, calibration: str, full: bool, limit: int | None, window_s: float) -> Corpus:
    """The corpus by name or folder. Utterances that do not fit the window are left out, and the note says how many."""
    full = wants_all(full, limit, USUAL_SIZE.get(data, FOLDER_SIZE))
    corpus = _NAMED[data](full) if data in _NAMED else _folder(Path(data), calibration == "own", full)
    if calibration != "own":
        corpus = replace(corpus, calibration=_calibration(calibration))
    fits = [utterance for utterance in corpus.evaluation if utterance.seconds <= window_s]
    left_out = len(corpus.evaluation) - len(fits)
    return Corpus(
        [utterance for utterance in corpus.calibration if utterance.seconds <= window_s],
        fits[:limit],
        corpus.note + (f"; {left_out} utterances longer than {window_s:g} s left out" if left_out else ""),
    )


def _asterisk_or_librivox(full: bool) -> Corpus:
    try:
        return asterisk(full)
    except AssetUnavailable as reason:
        _log.warning("%s. The LibriVox sentences that ship are used instead: a smoke test.", reason)
        corpus = librivox()
        return replace(corpus, note=f"{corpus.note} (the Asterisk prompts could not be fetched)")


_NAMED: Mapping[str, Callable[[bool], Corpus]] = {
    "asterisk": _asterisk_or_librivox,
    "librivox": lambda full: librivox(),
}


def _folder(folder: Path, own_calibration: bool, full: bool) -> Corpus:
    if not folder.is_dir():
        raise ValueError(f"speech: data: {str(folder)!r} is neither a folder nor one of {', '.join(_NAMED)}")
    utterances = librispeech(folder)
    calibration, evaluation = split(utterances, CALIBRATION_SIZE) if own_calibration else ([], utterances)
    speakers = len({utterance.speaker for utterance in evaluation})
    note = f"{folder.name}: {speakers} speaker{'s' if speakers > 1 else ''}"
    return Corpus(calibration, evaluation if full else evaluation[:FOLDER_SIZE], note)


def _calibration(source: str) -> Sequence[Utterance]:
    if source in _NAMED:
        return _NAMED[source](False).calibration
    return _folder(Path(source), own_calibration=False, full=True).evaluation[:CALIBRATION_SIZE]


def teacher_forced(checkpoint: Checkpoint, utterance: Utterance, window_s: float) -> dict[str, Tensor]:
    """One utterance as keyword arguments of the model, the decoder given what was said: no padding, so batch 1."""
    config = checkpoint.model.config
    said = [*checkpoint.prompt, *transcript_tokens(checkpoint, utterance), checkpoint.end][
        : config.max_target_positions
    ]
    features = log_mel(utterance.wave, window_s, config.num_mel_bins)
    not_scored = [NO_LABEL] * (len(checkpoint.prompt) - 1)
    return {
        "input_features": features[None].to(checkpoint.model.dtype),
        "decoder_input_ids": torch.tensor([said[:-1]]),
        "labels": torch.tensor([not_scored + said[len(checkpoint.prompt) :]]),
    }


def transcript_tokens(checkpoint: Checkpoint, utterance: Utterance) -> list[int]:
    """The transcript as Whisper would write it: after a space, and not in LibriSpeech's capitals."""
    text = utterance.text.capitalize() if utterance.text.isupper() else utterance.text
    return list(checkpoint.tokenizer.encode(f" {text}", add_special_tokens=False).ids)


def digest(corpus: Corpus, decode: Greedy, window_s: float) -> str:
    """Of both sets and of how they are heard: what a cached quality depends on beside the model."""
    said = (
        part
        for role in (corpus.calibration, corpus.evaluation)
        for part in (str(len(role)), *(part for utterance in role for part in (utterance.digest, utterance.text)))
    )
    return content_digest([repr(decode), str(window_s), *said])
