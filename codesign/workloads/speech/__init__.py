"""Speech: a Whisper, real recordings, and the word error rate of what it hears in them."""

from __future__ import annotations

import json
from statistics import fmean
from typing import TYPE_CHECKING, Literal

import torch
from pydantic import Field
from torch import nn

from codesign.quality.wer import Normaliser, whisper_normaliser
from codesign.workloads.assets import read
from codesign.workloads.base import Data, Request, Workload
from codesign.workloads.device import placed
from codesign.workloads.speech.audio import FRAMES_PER_SECOND
from codesign.workloads.speech.checkpoint import load_checkpoint
from codesign.workloads.speech.decode import Greedy
from codesign.workloads.speech.encode import Encoding
from codesign.workloads.speech.metric import WordErrorRate
from codesign.workloads.speech.request import FRAMES_PER_POSITION, Transcribe
from codesign.workloads.speech.samples import choose, digest, teacher_forced, transcript_tokens
from codesign.workloads.table import Options

if TYPE_CHECKING:
    from transformers import WhisperForConditionalGeneration

__all__ = ["OPTIONS", "build"]

Facts = dict[str, int | float | str]

SCOPES = {
    "encoder-ff": r"^model\.encoder\.layers\.\d+\.fc[12]$",
    "encoder-attention": r"^model\.encoder\.layers\.\d+\.self_attn\.(q|k|v|out)_proj$",
    "encoder": r"^model\.encoder\.layers\.\d+\.(fc[12]|self_attn\.(q|k|v|out)_proj)$",
    "decoder-ff": r"^model\.decoder\.layers\.\d+\.fc[12]$",
    "decoder-attention": r"^model\.decoder\.layers\.\d+\.(self_attn|encoder_attn)\.(q|k|v|out)_proj$",
    "decoder": r"^model\.decoder\.layers\.\d+\.(fc[12]|(self_attn|encoder_attn)\.(q|k|v|out)_proj)$",
    "all-ff": r"^model\.(en|de)coder\.layers\.\d+\.fc[12]$",
    "all-linear": r"^model\.(en|de)coder\.layers\.\d+\.(fc[12]|(self_attn|encoder_attn)\.(q|k|v|out)_proj)$",
}


class SpeechOptions(Options):
    """What may be chosen of the speech workload."""

    model: str = "tiny.en"
    """`tiny.en`, `base`, or a local Hugging Face folder of any Whisper."""
    data: str = "asterisk"
    """`asterisk` (where apt cannot bring it, `librivox` takes its place and the note says so), `librivox`, or a folder
    in LibriSpeech's layout."""
    calibration: str = "own"
    """`own`, a part of the data that is not evaluated (a folder is split by speaker); or another data set, by the same
    names: then all of the data is evaluated."""
    full: bool = False
    """Evaluate everything there is; else 48 prompts, or 64 utterances of a folder."""
    limit: int | None = Field(None, ge=1)
    """Evaluate so many utterances, or all where there are fewer."""
    window_s: float = Field(30.0, gt=0)
    """Seconds of audio that are encoded, whole; fewer than 30 save time and cost words."""
    tokens: int | None = Field(None, ge=1)
    """Tokens said in the simulated request; default: the mean of the evaluated transcripts, the end included."""
    batch: int = Field(1, ge=1)
    """Utterances in the simulated request."""
    beams: int = Field(1, ge=1)
    """Hypotheses that the simulated decoder follows; quality is always decoded greedily."""
    device: str = "cpu"
    """Where the model lies: `cpu`, `cuda`, ..."""
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    """What the quality is computed in."""


OPTIONS = SpeechOptions


def build(options: SpeechOptions) -> Workload:
    """Raises ValueError where weights are missing or damaged, or the data is empty, mislabelled or not audio."""
    checkpoint = load_checkpoint(options.model)
    whisper = _in_window(checkpoint.model, options.window_s).to(placed(options.device), getattr(torch, options.dtype))
    corpus = choose(options.data, options.calibration, options.full, options.limit, options.window_s)
    decode = Greedy.of(checkpoint)
    spoken = fmean(len(transcript_tokens(checkpoint, utterance)) + 1 for utterance in corpus.evaluation)
    asked = Transcribe(len(checkpoint.prompt), options.tokens or round(spoken), options.batch, options.beams)
    return Workload(
        model=whisper,
        data=Data(
            calibration=[teacher_forced(checkpoint, utterance, options.window_s) for utterance in corpus.calibration],
            evaluation=corpus.evaluation,
            request=Request(asked, _facts(whisper, asked, options.window_s)),
            digest=digest(corpus, decode, options.window_s),
            note=corpus.note,
        ),
        metric=WordErrorRate(Encoding(options.window_s), decode, checkpoint.tokenizer, _normaliser()),
        name="speech",
        scopes=SCOPES,
        default_scope="encoder-ff",
        source=checkpoint.source,
    )


def _in_window(model: WhisperForConditionalGeneration, window_s: float) -> WhisperForConditionalGeneration:
    """The model with the encoder's positions cut to a shorter window: it then hears so much and no more."""
    encoder = model.model.encoder
    positions = round(window_s * FRAMES_PER_SECOND) // FRAMES_PER_POSITION
    most = encoder.embed_positions.num_embeddings
    if not 1 <= positions <= most:
        longest = most * FRAMES_PER_POSITION / FRAMES_PER_SECOND
        raise ValueError(f"speech: window_s: {window_s:g}, but the model hears more than 0 and at most {longest:g} s")
    if positions < most:
        cut = encoder.embed_positions.weight[:positions].clone()
        encoder.embed_positions = nn.Embedding(positions, cut.shape[1], _weight=cut).requires_grad_(False)
        encoder.config.max_source_positions = encoder.max_source_positions = positions
    return model


def _facts(whisper: WhisperForConditionalGeneration, asked: Transcribe, window_s: float) -> Facts:
    return {
        "window_s": window_s,
        "seq": whisper.config.max_source_positions,
        "prompt_tokens": asked.prompt,
        "decoded_tokens": asked.tokens,
        "kv_cache": "on",
        "batch": asked.batch,
        "beams": asked.beams,
    }


def _normaliser() -> Normaliser:
    spellings = json.loads(read("whisper-spelling", "whisper_normalizer/normalizers/english.json"))
    return whisper_normaliser(spellings)
