"""Llama-family checkpoints: a packaged GGUF file, any GGUF file, or a local Hugging Face folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import nn

from codesign.workloads.assets import ASSETS, locate
from codesign.workloads.hugging_face import load_pretrained
from codesign.workloads.llm import gguf_file
from codesign.workloads.llm.tokens import tokenizer_of

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import PreTrainedModel

_PACKAGED = {"smollm2-135m": "SmolLM2-135M-Instruct"}
_LLAMA_PARTS = ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj")
_MLP_PARTS = ("mlp.gate_proj", "mlp.up_proj", "mlp.down_proj")


@dataclass(frozen=True)
class Checkpoint:
    """A causal language model with its tokenizer."""

    model: PreTrainedModel
    tokenizer: Tokenizer
    begin: tuple[int, ...]  # tokens that every text begins with, where the checkpoint says so
    source: str

    def tokens(self, text: str) -> list[int]:
        """Token ids of a text, without its beginning."""
        return list(self.tokenizer.encode(text, add_special_tokens=False).ids)


def load_checkpoint(model: str) -> Checkpoint:
    """A packaged checkpoint by its name, a GGUF file or a folder by its path."""
    if model in _PACKAGED:
        (file,) = ASSETS[model].files
        return _gguf(locate(model, file), f"{_PACKAGED[model]}, from {ASSETS[model].requirement}")
    path = Path(model)
    if path.suffix == ".gguf" and path.is_file():
        return _gguf(path, path.name)
    if path.is_dir():
        return _folder(path)
    raise ValueError(f"llm: model: {model!r} is neither a GGUF file nor a folder nor one of {', '.join(_PACKAGED)}")


def _gguf(path: Path, name: str) -> Checkpoint:
    from transformers import LlamaForCausalLM
    from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

    metadata, weights = gguf_file.open_gguf(path)
    try:
        config = gguf_file.config_of(metadata, weights)
        with torch.device("meta"):  # no random start that would be overwritten
            model = LlamaForCausalLM(config)
        model.load_state_dict(gguf_file.state_dict(config, weights), strict=True, assign=True)
    except KeyError as missing:
        raise ValueError(f"gguf {path.name}: it lacks {missing.args[0]}") from None
    except RuntimeError as reason:
        raise ValueError(f"gguf {path.name}: weights of other sizes than its metadata say: {reason}") from reason
    model.tie_weights()
    model.model.rotary_emb = LlamaRotaryEmbedding(config)  # holds no weights, so it was not loaded
    model.requires_grad_(False).eval()
    begins = metadata.get("tokenizer.ggml.add_bos_token", metadata.get("tokenizer.ggml.model") == "llama")
    return Checkpoint(
        model=model,
        tokenizer=tokenizer_of(metadata),
        begin=(int(metadata["tokenizer.ggml.bos_token_id"]),) if begins else (),
        source=f"{name}: weights de-quantised from {gguf_file.quantisation(weights)}, computed in fp32",
    )


def _folder(folder: Path) -> Checkpoint:
    """Any model of `transformers` built like a Llama."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = load_pretrained(folder, AutoModelForCausalLM)
    _like_a_llama(model, folder)
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError) as reason:
        raise ValueError(f"llm {folder}: no tokenizer can be loaded: {str(reason).splitlines()[0]}") from reason
    begins = tokenizer.bos_token_id is not None and tokenizer("a")["input_ids"][:1] == [tokenizer.bos_token_id]
    return Checkpoint(
        model=model,
        tokenizer=tokenizer.backend_tokenizer,
        begin=(tokenizer.bos_token_id,) if begins else (),
        source=f"{folder.name}, a {model.config.model_type} from a local folder, computed in fp32",
    )


def _like_a_llama(model: nn.Module, folder: Path) -> None:
    names = dict(model.named_modules())
    for part in (*_LLAMA_PARTS, *_MLP_PARTS):
        if f"model.layers.0.{part}" not in names:
            raise ValueError(
                f"llm {folder}: a {type(model).__name__} has no model.layers.0.{part}: it is not of the Llama family"
            )
