"""Convolutional nets that pruning papers use, trained from scratch in a minute or some: LeNet-5, VGG-16, ResNet-20."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from codesign.workloads.base import Workload
from codesign.workloads.vision.scratch import ScratchOptions, from_scratch
from codesign.workloads.vision.training import Recipe

__all__ = ["OPTIONS", "build"]

SCOPES = {
    "conv": r"^body\.\d+(\.conv[12])?$|^body\.\d+\.around$",
    "all": r"^(body\.\d+(\.(conv[12]|around))?|head)$",
}
_EPOCHS = {"lenet5": 5, "vgg16": 2, "resnet20": 2}
_THREADS = {"lenet5": 1}  # its products are too small to share


class CnnOptions(ScratchOptions):
    """What may be chosen of the convolutional net."""

    model: Literal["lenet5", "vgg16", "resnet20"] = "lenet5"
    """LeNet-5, or VGG-16 or ResNet-20 in their form for small pictures."""
    width: float = Field(0.25, gt=0, le=1)
    """Of VGG-16: its channels, relative to the published ones; the published width takes hours on two cores."""


OPTIONS = CnnOptions


def build(options: CnnOptions) -> Workload:
    """Raises ValueError where the pictures are missing or mislabelled."""
    recipe = Recipe(options.epochs or _EPOCHS[options.model], seed=options.seed, threads=_THREADS.get(options.model))
    width = options.width if options.model == "vgg16" else 1.0
    return from_scratch(options.model, options, recipe, SCOPES, width)
