"""Whisper checkpoints: model, tokenizer and the tokens it may not say, from a package or a local folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from codesign.workloads.assets import ASSETS, read
from codesign.workloads.hugging_face import load_pretrained
from codesign.workloads.speech import ct2

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import WhisperConfig, WhisperForConditionalGeneration

_MULTILINGUAL_VOCABULARY = 51865  # and more; English-only checkpoints have 51864
_PACKAGED: Mapping[str, tuple[tuple[str, str], ...]] = {  # parts of model.bin, in order, as (asset, file)
    "tiny.en": (("whisper-tiny.en", "model.bin"),),
    "base": (("whisper-base-1", "model.bin.part1"), ("whisper-base-2", "model.bin.part2")),
}


@dataclass(frozen=True)
class Checkpoint:
    """A Whisper model with what it needs to be asked."""

    model: WhisperForConditionalGeneration
    tokenizer: Tokenizer
    suppressed: tuple[int, ...]  # token ids never said
    suppressed_first: tuple[int, ...]  # nor said first
    source: str

    @property
    def prompt(self) -> tuple[int, ...]:
        """What the decoder is given before it speaks: English, transcribe, no timestamps."""
        multilingual = self.model.config.vocab_size >= _MULTILINGUAL_VOCABULARY
        task = ("<|en|>", "<|transcribe|>") if multilingual else ()
        return tuple(self.token(word) for word in ("<|startoftranscript|>", *task, "<|notimestamps|>"))

    @property
    def end(self) -> int:
        """The token that ends a transcript."""
        return self.token("<|endoftext|>")

    def token(self, word: str) -> int:
        """The id of a special token. Raises ValueError where the tokenizer has none such."""
        found = self.tokenizer.token_to_id(word)
        if found is None:
            raise ValueError(f"whisper {self.source}: the tokenizer has no token {word}")
        return int(found)

    def timestamps(self) -> range:
        """Token ids that state a time; never said where the prompt asks for none."""
        return range(self.token("<|notimestamps|>") + 1, self.model.config.vocab_size)


def load_checkpoint(model: str) -> Checkpoint:
    """A packaged checkpoint by its name, or any Whisper in a local Hugging Face folder by its path."""
    if model in _PACKAGED:
        return _packaged(model)
    if Path(model).is_dir():
        return _folder(Path(model))
    raise ValueError(f"speech: model: {model!r} is neither a folder nor one of {', '.join(_PACKAGED)}")


def _packaged(name: str) -> Checkpoint:
    from tokenizers import Tokenizer

    home = _PACKAGED[name][0][0]
    settings = json.loads(_file(home, "config.json"))
    raw = b"".join(_file(asset, file) for asset, file in _PACKAGED[name])
    return Checkpoint(
        model=_build(ct2.read(raw)),
        tokenizer=Tokenizer.from_str(_file(home, "tokenizer.json").decode()),
        suppressed=_ids(settings["suppress_ids"]),
        suppressed_first=_ids(settings["suppress_ids_begin"]),
        source=f"OpenAI Whisper {name}, fp16 weights from {ASSETS[home].requirement}, computed in fp32",
    )


def _file(asset: str, name: str) -> bytes:
    (path,) = (path for path in ASSETS[asset].files if path.endswith(f"/{name}"))
    return read(asset, path)


def _build(variables: Mapping[str, torch.Tensor]) -> WhisperForConditionalGeneration:
    """The module around the weights, without a random start that would be overwritten."""
    from transformers import WhisperForConditionalGeneration

    weights = ct2.state_dict(variables)
    with torch.device("meta"):
        model = WhisperForConditionalGeneration(_config(variables, weights))
    model.load_state_dict(weights, strict=True, assign=True)
    model.tie_weights()
    model.requires_grad_(False).eval()
    return model


def _config(variables: Mapping[str, torch.Tensor], weights: Mapping[str, torch.Tensor]) -> WhisperConfig:
    """Sizes as the weights have them; a head is 64 wide in every Whisper (Radford et al. 2022, table 1)."""
    from transformers import WhisperConfig

    width = weights["model.encoder.layer_norm.weight"].numel()
    vocabulary = weights["proj_out.weight"].shape[0]
    end = 50257 if vocabulary >= _MULTILINGUAL_VOCABULARY else 50256
    return WhisperConfig(
        vocab_size=vocabulary,
        d_model=width,
        encoder_layers=ct2.layers(variables, "encoder"),
        decoder_layers=ct2.layers(variables, "decoder"),
        encoder_attention_heads=width // 64,
        decoder_attention_heads=width // 64,
        encoder_ffn_dim=weights["model.encoder.layers.0.fc1.weight"].shape[0],
        decoder_ffn_dim=weights["model.decoder.layers.0.fc1.weight"].shape[0],
        num_mel_bins=weights["model.encoder.conv1.weight"].shape[1],
        pad_token_id=end,
        bos_token_id=end,
        eos_token_id=end,
        decoder_start_token_id=end + 1,
    )


def _folder(folder: Path) -> Checkpoint:
    """Any Whisper saved by `transformers`."""
    from transformers import GenerationConfig, WhisperForConditionalGeneration

    model = load_pretrained(folder, WhisperForConditionalGeneration, {"whisper"})
    asked = (folder / "generation_config.json").exists()
    settings = GenerationConfig.from_pretrained(folder) if asked else model.config
    return Checkpoint(
        model=model,
        tokenizer=_tokenizer(folder),
        suppressed=_ids(getattr(settings, "suppress_tokens", None)),
        suppressed_first=_ids(getattr(settings, "begin_suppress_tokens", None)),
        source=f"Whisper from the folder {folder.name}, computed in fp32",
    )


def _tokenizer(folder: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    if (folder / "tokenizer.json").exists():
        return Tokenizer.from_file(str(folder / "tokenizer.json"))
    if not (folder / "vocab.json").exists():
        raise ValueError(f"whisper {folder}: no tokenizer.json, and no vocab.json to build one from")
    from transformers import WhisperTokenizer

    tokenizer: Tokenizer = WhisperTokenizer.from_pretrained(folder, local_files_only=True).backend_tokenizer
    return tokenizer


def _ids(listed: Sequence[Any] | None) -> tuple[int, ...]:
    """Token ids; files write -1 for `what the tokenizer's symbols are`, which is no id."""
    return tuple(int(token) for token in listed or () if int(token) >= 0)
