"""A ViT or DeiT out of a local Hugging Face folder: preparation of pictures, and names of classes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import torch

from codesign.workloads.vision.pictures import Pictures, Preparation

_UNNAMED = "LABEL_"  # how transformers calls classes that were given no name
_HALF = (0.5, 0.5, 0.5)  # what ViT's own processor takes where the folder says nothing


def load_preparation(folder: Path, size: int) -> Preparation:
    """As `preprocessor_config.json` says, where there is one."""
    file = folder / "preprocessor_config.json"
    settings = json.loads(file.read_text()) if file.is_file() else {}
    mean, deviation = (tuple(settings.get(key, _HALF)) for key in ("image_mean", "image_std"))
    return Preparation(size, mean, deviation)


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
