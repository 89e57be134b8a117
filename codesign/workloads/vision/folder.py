"""A folder of pictures: one sub-folder a class, under `train` and `test` (or `val`), or not divided."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from codesign.workloads.digest import content_digest
from codesign.workloads.vision.pictures import Album, Pictures, divided

_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".webp", ".gif", ".tif", ".tiff", ".ppm"}
_JUDGED = ("test", "val", "validation")


def folder_album(folder: Path, size: int) -> Album:
    """Both sides of it; a folder that is not divided gives one picture of five, by content, to be judged on.

    Raises ValueError where it is empty, a class is in one side only, or a file is no picture.
    """
    judged = next((folder / name for name in _JUDGED if (folder / name).is_dir()), None)
    if judged is None or not (folder / "train").is_dir():
        return divided(_pictures(folder, _classes(folder), size), folder.name)
    classes = _classes(folder / "train")
    if _classes(judged) != classes:
        odd = sorted(set(_classes(judged)) ^ set(classes))
        raise ValueError(f"vision: data: {folder}: {odd[0]!r} is a class of one side only: the set is mislabelled")
    return Album(_pictures(folder / "train", classes, size), _pictures(judged, classes, size), folder.name)


def _classes(folder: Path) -> list[str]:
    found = sorted(path.name for path in folder.iterdir() if path.is_dir() and _files(path))
    if len(found) < 2:
        raise ValueError(f"vision: data: {folder}: {len(found)} sub-folders with pictures, but a class each is wanted")
    return found


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)


def _pictures(folder: Path, classes: Sequence[str], size: int) -> Pictures:
    files = [(path, label) for label, name in enumerate(classes) for path in _files(folder / name)]
    images = torch.from_numpy(np.stack([_image(path, size) for path, _ in files]))
    drawn = Pictures(images, torch.tensor([label for _, label in files]), classes)
    order = sorted(range(len(drawn)), key=lambda index: content_digest([images[index]]))
    return drawn[torch.tensor(order)]


def _image(path: Path, size: int) -> npt.NDArray[np.uint8]:
    """(3, size, size): the shorter side brought to `size`, the middle cut out, as ImageNet's models are judged."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            colour = picture.convert("RGB")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as reason:
        raise ValueError(f"vision: data: {path}: not a picture that can be read: {reason}") from reason
    scale = size / min(colour.size)
    colour = colour.resize((round(colour.width * scale), round(colour.height * scale)), Image.Resampling.BICUBIC)
    left, top = (colour.width - size) // 2, (colour.height - size) // 2
    return np.asarray(colour.crop((left, top, left + size, top + size))).transpose(2, 0, 1)
