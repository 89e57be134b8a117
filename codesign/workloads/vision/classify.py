"""What all picture classifiers here have in common: how they are called, judged, and asked by a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol, cast

import torch
from torch import Tensor, nn

from codesign.quality import Quality
from codesign.quality.accuracy import accuracy
from codesign.workloads.base import Data, Progress
from codesign.workloads.progress import logged
from codesign.workloads.vision.pictures import Pictures, Preparation


class Classified(NamedTuple):
    """What a classifier answers; named as `transformers` names it, so that its models are asked in the same way."""

    loss: Tensor | None
    logits: Tensor  # (batch, classes)


def classified(logits: Tensor, labels: Tensor | None) -> Classified:
    """With the loss where labels (batch,) are given."""
    return Classified(None if labels is None else nn.functional.cross_entropy(logits, labels), logits)


class Answer(Protocol):
    """What a model must return."""

    logits: Tensor


@dataclass(frozen=True)
class TopOne:
    """Share of pictures whose likeliest class is the right one; the evaluation set is one `Pictures`."""

    prepare: Preparation
    batch: int = 64
    name: str = "accuracy"

    @torch.inference_mode()
    def __call__(self, model: nn.Module, data: Data, progress: Progress | None = None) -> Quality:
        """Raises ValueError where the answers are no numbers."""
        pictures = cast(Pictures, data.evaluation)
        like = next(model.parameters())
        right: list[bool] = []
        tell = progress or logged(self.name)
        for start in range(0, len(pictures), self.batch):
            images = pictures.images[start : start + self.batch].to(like.device)
            answer = cast(Answer, model(pixel_values=self.prepare(images).to(like.dtype)))
            if not answer.logits.isfinite().all():
                raise ValueError("accuracy: the model's answers are not finite numbers")
            labels = pictures.labels[start : start + self.batch].to(like.device)
            right += (answer.logits.argmax(-1) == labels).tolist()
            tell(len(right), len(pictures))
        return accuracy(right)


@dataclass(frozen=True)
class Classify:
    """A batch of pictures, once through the model."""

    channels: int
    size: int
    batch: int = 1

    @torch.no_grad()
    def __call__(self, model: nn.Module) -> Tensor:
        """Logits (batch, classes). Runs wherever the model is, `meta` included."""
        like = next(model.parameters())
        shape = (self.batch, self.channels, self.size, self.size)
        return cast(Answer, model(pixel_values=torch.zeros(shape, device=like.device, dtype=like.dtype))).logits

    @property
    def facts(self) -> Mapping[str, int | float | str]:
        """What was asked, in numbers."""
        return {"image": self.size, "channels": self.channels, "batch": self.batch}
