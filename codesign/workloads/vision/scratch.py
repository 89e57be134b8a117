"""Small nets trained from scratch when they are first asked for: what cnn and mlp share."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from pydantic import Field

from codesign.workloads.base import Workload
from codesign.workloads.device import placed
from codesign.workloads.vision.classify import TopOne
from codesign.workloads.vision.nets import Net, net
from codesign.workloads.vision.options import PictureOptions, judged
from codesign.workloads.vision.pictures import load_album, preparation
from codesign.workloads.vision.training import Recipe, trained

_JUDGED = 10_000  # pictures, where not all are asked for


class ScratchOptions(PictureOptions):
    """Shared by cnn and mlp."""

    epochs: int | None = Field(None, ge=1)
    """Times each training picture is seen; by default what the net needs to be worth pruning."""
    seed: int = 0
    """Of the first weights and of the order of the pictures."""
    size: int = Field(28, ge=28)
    """Side in pixels to which pictures of a folder are brought."""


def from_scratch(
    name: str, options: ScratchOptions, recipe: Recipe, scopes: Mapping[str, str], width: float = 1.0
) -> Workload:
    """The net of that name on the album, trained now, or read from the cache where it was kept."""
    album = load_album(options.data, options.size)
    channels, size = album.train.images.shape[1], album.train.images.shape[-1]
    prepare = preparation(album.train, size)

    def build() -> Net:
        return net(name, channels, size, len(album.train.classes), width)

    model = trained(build, f"{name}-{album.train.digest[:8]}", album.train, prepare, recipe)
    return Workload(
        model=model.to(placed(options.device), getattr(torch, options.dtype)),
        data=judged(album, prepare, options, _JUDGED),
        metric=TopOne(prepare, batch=256),
        name=name,
        scopes=scopes,
        default_scope="all",
        source=f"{name}, trained here from scratch on {album.name}: {recipe.epochs} epochs, seed {recipe.seed}",
    )
