"""A language model: a Llama, real text, and how well it reads or reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor

from codesign.workloads.base import Data, Metric, Request, Workload
from codesign.workloads.device import placed
from codesign.workloads.digest import content_digest
from codesign.workloads.llm import exam
from codesign.workloads.llm.checkpoint import Checkpoint, load_checkpoint
from codesign.workloads.llm.choice import Choice
from codesign.workloads.llm.perplexity import Perplexity
from codesign.workloads.llm.request import Generate
from codesign.workloads.llm.text import Window, windows
from codesign.workloads.table import Options, wants_all

__all__ = ["OPTIONS", "build"]

SCOPES = {
    "mlp": r"^model\.layers\.\d+\.mlp\.(gate|up|down)_proj$",
    "attention": r"^model\.layers\.\d+\.self_attn\.(q|k|v|o)_proj$",
    "all-linear": r"^model\.layers\.\d+\.(mlp\.(gate|up|down)|self_attn\.(q|k|v|o))_proj$",
}
_REASONING = "reasoning-gym:"
_WINDOWS = 12  # scored, where not all are asked for


class LlmOptions(Options):
    """What may be chosen of the language model."""

    model: str = "smollm2-135m"
    """`smollm2-135m`, a GGUF file of a Llama, or a local Hugging Face folder of the Llama family."""
    data: str = "wikipedia"
    """Perplexity on `wikipedia` or a text file; or accuracy on `arithmetic`, on a file of questions and answers
    (.jsonl), or on `reasoning-gym:TASK`."""
    window: int = Field(512, ge=2)
    """Tokens in a window whose perplexity is taken."""
    calibration_windows: int = Field(16, ge=1)
    """Windows to calibrate on, from other articles than those scored."""
    full: bool = False
    """Evaluate everything there is; else 12 windows or 80 questions."""
    limit: int | None = Field(None, ge=1)
    """Evaluate so many windows or questions, or all where there are fewer."""
    seq: int = Field(512, ge=0)
    """Tokens of the simulated prompt, read at once; 0: no prompt, decoding goes on from the cache."""
    kv: int = Field(0, ge=0)
    """Tokens in the cache of keys and values before the prompt."""
    tokens: int = Field(0, ge=0)
    """Tokens said after the prompt, one a step."""
    batch: int = Field(1, ge=1)
    """Sequences in the simulated request."""
    device: str = "cpu"
    """Where the model lies: `cpu`, `cuda`, ..."""
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    """What the quality is computed in."""


OPTIONS = LlmOptions


def build(options: LlmOptions) -> Workload:
    """Raises ValueError where weights are missing, damaged or of another family, or a length exceeds the model's."""
    checkpoint = load_checkpoint(options.model)
    most = int(checkpoint.model.config.max_position_embeddings)
    if options.window > most:
        raise ValueError(f"llm: window: {options.window} tokens, but the model has {most} positions")
    asked = Generate(options.seq, options.kv, options.tokens, options.batch)
    asked.check(most)
    judged = _questions(checkpoint, options) if _asks(options.data) else _text(checkpoint, options)
    return Workload(
        model=checkpoint.model.to(placed(options.device), getattr(torch, options.dtype)),
        data=Data(
            calibration=[_labelled(window) for window in judged.calibration],
            evaluation=judged.evaluation,
            request=Request(asked, _facts(asked)),
            digest=content_digest([judged.metric.name, repr(judged.calibration), repr(judged.evaluation)]),
            note=judged.note,
        ),
        metric=judged.metric,
        name="llm",
        scopes=SCOPES,
        default_scope="all-linear",
        source=checkpoint.source,
    )


@dataclass(frozen=True)
class _Judged:
    metric: Metric
    calibration: Sequence[Window]
    evaluation: Sequence[Window] | Sequence[exam.Question]
    note: str


def _asks(data: str) -> bool:
    return data == "arithmetic" or data.endswith(".jsonl") or data.startswith(_REASONING)


def _text(checkpoint: Checkpoint, options: LlmOptions) -> _Judged:
    cut = windows(options.data, checkpoint, options.window)
    everything = wants_all(options.full, options.limit, _WINDOWS)
    scored = cut.evaluation[: None if everything else _WINDOWS][: options.limit]
    return _Judged(Perplexity(), cut.calibration[: options.calibration_windows], scored, cut.note)


def _questions(checkpoint: Checkpoint, options: LlmOptions) -> _Judged:
    """Calibrated on Wikipedia, whatever is asked."""
    everything = wants_all(options.full, options.limit, exam.SIZE)
    if options.data == "arithmetic":
        paper = exam.arithmetic(everything)
    elif options.data.startswith(_REASONING):
        paper = exam.from_reasoning_gym(options.data.removeprefix(_REASONING), everything)
    else:
        paper = exam.from_file(Path(options.data), everything)
    calibration = windows("wikipedia", checkpoint, options.window).calibration[: options.calibration_windows]
    metric = Choice(checkpoint.tokenizer, checkpoint.begin)
    return _Judged(metric, calibration, paper.questions[: options.limit], paper.note)


def _labelled(window: Window) -> dict[str, Tensor]:
    """Keyword arguments of the model: labels are the tokens themselves, the model shifts them."""
    tokens = torch.tensor([window])
    return {"input_ids": tokens, "labels": tokens}


def _facts(asked: Generate) -> dict[str, int | float | str]:
    return {
        "seq": asked.prompt,
        "kv_tokens": asked.cached,
        "decoded_tokens": asked.tokens,
        "batch": asked.batch,
    }
