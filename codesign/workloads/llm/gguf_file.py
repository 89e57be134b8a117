"""Reading a Llama out of a GGUF file: weights de-quantised to fp32, and its configuration.

The format is described in ggml's `docs/gguf.md`; blocks of 4 to 8 bits are unpacked by the `gguf` package.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

if TYPE_CHECKING:
    from transformers import LlamaConfig

Metadata = Mapping[str, Any]  # numbers, texts and lists of them, by key
Weights = Mapping[str, Any]  # gguf.ReaderTensor, which has no types

_LAYER = {  # in transformers -> in GGUF; query and key stand apart: their rows are permuted
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
_NOT_PLAIN = {  # tensors that say the model is more than a Llama as published
    "rope_freqs.weight": "scaled rotary positions",
    "blk.0.attn_q.bias": "biases in its attention",
    "blk.0.ffn_gate_inp.weight": "a mixture of experts",
}


def open_gguf(path: Path) -> tuple[Metadata, Weights]:
    """Metadata and tensors, not yet unpacked. Raises ValueError where it is damaged or no plain Llama."""
    from gguf import GGUFReader

    try:
        reader = GGUFReader(str(path))
        metadata = {key: field.contents() for key, field in reader.fields.items()}
    except (OSError, ValueError, KeyError, IndexError, struct.error) as reason:
        raise ValueError(f"gguf {path.name}: not a whole GGUF file: {reason}") from reason
    weights = {tensor.name: tensor for tensor in reader.tensors}
    if metadata.get("general.architecture") != "llama":
        raise ValueError(
            f"gguf {path.name}: a {metadata.get('general.architecture')!r} model, but only 'llama' is read"
        )
    for name, what in _NOT_PLAIN.items():
        if name in weights:
            raise ValueError(f"gguf {path.name}: the model has {what} ({name}), which is not read")
    return metadata, weights


def config_of(metadata: Metadata, weights: Weights) -> LlamaConfig:
    """The sizes as `transformers` names them."""
    from transformers import LlamaConfig

    def size(key: str) -> int:
        return int(metadata[f"llama.{key}"])

    heads = size("attention.head_count")
    return LlamaConfig(
        vocab_size=int(weights["token_embd.weight"].shape[-1]),
        hidden_size=size("embedding_length"),
        intermediate_size=size("feed_forward_length"),
        num_hidden_layers=size("block_count"),
        num_attention_heads=heads,
        num_key_value_heads=int(metadata.get("llama.attention.head_count_kv", heads)),
        head_dim=int(metadata.get("llama.attention.key_length", size("embedding_length") // heads)),
        max_position_embeddings=size("context_length"),
        rms_norm_eps=float(metadata["llama.attention.layer_norm_rms_epsilon"]),
        rope_parameters={"rope_type": "default", "rope_theta": float(metadata.get("llama.rope.freq_base", 10_000.0))},
        tie_word_embeddings="output.weight" not in weights,
        bos_token_id=metadata.get("tokenizer.ggml.bos_token_id"),
        eos_token_id=metadata.get("tokenizer.ggml.eos_token_id"),
    )


def state_dict(config: LlamaConfig, weights: Weights) -> dict[str, Tensor]:
    """The weights in fp32 under the names of `transformers.LlamaForCausalLM`."""
    embedding = _unpacked(weights, "token_embd")
    state = {
        "model.embed_tokens": embedding,
        "model.norm": _unpacked(weights, "output_norm"),
        "lm_head": embedding if config.tie_word_embeddings else _unpacked(weights, "output"),
    }
    for index in range(config.num_hidden_layers):
        new, old = f"model.layers.{index}", f"blk.{index}"
        state |= {f"{new}.{name}": _unpacked(weights, f"{old}.{key}") for name, key in _LAYER.items()}
        query, key = (_unpacked(weights, f"{old}.attn_{side}") for side in "qk")
        state[f"{new}.self_attn.q_proj"] = halves_together(query, config.num_attention_heads)
        state[f"{new}.self_attn.k_proj"] = halves_together(key, config.num_key_value_heads)
    return {f"{name}.weight": torch.from_numpy(np.array(values, np.float32)) for name, values in state.items()}


def halves_together(weight: npt.NDArray[np.float32], heads: int) -> npt.NDArray[np.float32]:
    """(out, in): undoes how GGUF writes a head's rows, i and i + half next to each other for its rotary pairs."""
    half = weight.shape[0] // heads // 2
    return weight.reshape(heads, half, 2, -1).swapaxes(1, 2).reshape(weight.shape)


def _unpacked(weights: Weights, name: str) -> npt.NDArray[np.float32]:
    from gguf import dequantize

    tensor = weights[f"{name}.weight"]
    values: npt.NDArray[np.float32] = dequantize(tensor.data, tensor.tensor_type)
    return values


def quantisation(weights: Weights) -> str:
    """How the matrices are stored, most used first: `Q4_1 and Q8_0`."""
    elements: dict[str, int] = {}
    for tensor in weights.values():
        if len(tensor.shape) > 1:
            kind = tensor.tensor_type.name
            elements[kind] = elements.get(kind, 0) + int(np.prod(tensor.shape))
    return " and ".join(sorted(elements, key=lambda kind: -elements[kind]))
