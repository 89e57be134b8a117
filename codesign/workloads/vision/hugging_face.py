"""A ViT or DeiT out of a local Hugging Face folder, timm's too: preparation of pictures, and names of classes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from codesign.workloads.vision.pictures import Pictures, Preparation

TIMM = "timm_wrapper"  # model type of what timm made
_UNNAMED = "LABEL_"  # how transformers calls classes that were given no name
_HALF = (0.5, 0.5, 0.5)  # what ViT's own processor takes where the folder says nothing


def load_preparation(folder: Path, size: int) -> Preparation:
    """As `preprocessor_config.json` says, where there is one."""
    file = folder / "preprocessor_config.json"
    settings = json.loads(file.read_text()) if file.is_file() else {}
    mean, deviation = (tuple(settings.get(key, _HALF)) for key in ("image_mean", "image_std"))
    return Preparation(size, mean, deviation)


def timm_inputs(model: nn.Module, folder: Path) -> tuple[int, int, Preparation]:
    """(side of a picture, tokens, preparation) of a ViT that timm made. Raises ValueError where it is no ViT."""
    inner: Any = model.timm_model  # timm has no types
    patches = getattr(inner, "patch_embed", None)
    if not hasattr(inner, "num_prefix_tokens") or patches is None:
        raise ValueError(f"vit {folder}: {type(inner).__name__} of timm is no ViT")
    size, other = patches.img_size
    if size != other:
        raise ValueError(f"vit {folder}: pictures of {size} x {other}: only square ones are prepared here")
    settings = getattr(model.config, "pretrained_cfg", None) or inner.pretrained_cfg
    tokens = patches.num_patches + inner.num_prefix_tokens
    return size, tokens, Preparation(size, tuple(settings["mean"]), tuple(settings["std"]))


def known(pictures: Pictures, names: Mapping[int, str], folder: Path) -> Pictures:
    """The pictures, labelled with the model's numbers for their classes, found by name.

    A model without names must have as many classes as there are. Raises ValueError where a class is not known to it.
    """
    if all(name.startswith(_UNNAMED) for name in names.values()):
        if len(names) != len(pictures.classes):
            raise ValueError(
                f"vit {folder}: {len(names)} classes without names, but the pictures have {len(pictures.classes)}"
            )
        return pictures
    numbers = {
        synonym.strip().lower(): number for number, name in names.items() for synonym in (name, *name.split(","))
    }
    unknown = [name for name in pictures.classes if name.lower() not in numbers]
    if unknown:
        raise ValueError(f"vit {folder}: the model knows no class {unknown[0]!r}: the pictures are mislabelled for it")
    renumbered = torch.tensor([numbers[name.lower()] for name in pictures.classes])
    return replace(pictures, labels=renumbered[pictures.labels], classes=[names[index] for index in sorted(names)])
