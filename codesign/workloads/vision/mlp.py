"""Perceptrons of 1 and more hidden layers, 2x50 to 6x500 and beyond, trained from scratch in seconds."""

from __future__ import annotations

from pydantic import Field

from codesign.workloads.base import Workload
from codesign.workloads.vision.scratch import ScratchOptions, from_scratch
from codesign.workloads.vision.training import Recipe

__all__ = ["OPTIONS", "build"]

SCOPES = {
    "hidden": r"^body\.\d+$",
    "all": r"^(body\.\d+|head)$",
}
_EPOCHS = 5


class MlpOptions(ScratchOptions):
    """What may be chosen of the perceptron."""

    model: str = Field("2x50", pattern=r"^\d+x\d+$")
    """Hidden layers x neurons in each."""


OPTIONS = MlpOptions


def build(options: MlpOptions) -> Workload:
    """Raises ValueError where the pictures are missing or mislabelled."""
    recipe = Recipe(options.epochs or _EPOCHS, seed=options.seed, threads=1)
    return from_scratch(f"mlp-{options.model}", options, recipe, SCOPES)
