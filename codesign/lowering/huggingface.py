"""Programs of Hugging Face configurations: a model's structure at its size, without weights, for hardware studies."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from codesign.lowering.decoding import steps
from codesign.lowering.journal import Journal
from codesign.lowering.lower import attach
from codesign.lowering.records import Operation
from codesign.lowering.tracing import finished, watch
from hw_models.program import Format, Program

if TYPE_CHECKING:
    from transformers import PretrainedConfig

_AUDIO_HZ = 16_000  # what the feature extractors of all speech models here take
_FRAMES_PER_S = 100  # their frames: one every 10 ms


@dataclass(frozen=True)
class Request:
    """What is asked of the model. Sizes that its kind of input does not have are refused.

    Text: `seq` tokens at once, on top of `past` tokens that are in the cache already, then `decode` tokens one by one.
    Speech: a window of `window_s` seconds. Images: `image_size` pixels square. A model with encoder and decoder runs
    its encoder once, and its decoder on `seq` and `decode` tokens. `beams` multiplies the rows of whatever decodes.
    """

    batch: int = 1
    seq: int | None = None
    past: int = 0
    decode: int = 0
    beams: int = 1
    image_size: int | None = None
    window_s: float | None = None

    def __post_init__(self) -> None:
        for name, least in (("batch", 1), ("beams", 1), ("past", 0), ("decode", 0), ("seq", 0), ("image_size", 1)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise ValueError(f"request: {name} is {value}, but it must be at least {least}")
        if self.window_s is not None and not 0 < self.window_s < float("inf"):
            raise ValueError(f"request: window_s is {self.window_s}, but it must be above 0")
