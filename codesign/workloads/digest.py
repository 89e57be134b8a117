"""Content hashes of models and data: the keys under which plans and qualities are cached."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

import torch
from torch import Tensor, nn

_NOT_CONTENT = {"_name_or_path", "transformers_version", "_attn_implementation_autoset"}


def model_digest(model: nn.Module) -> str:
    """Of the model's structure, configuration, weights and buffers; its device does not matter."""
    digest = hashlib.sha256(repr(model).encode())
    config = getattr(model, "config", None)
    if config is not None and hasattr(config, "to_dict"):
        settings = {key: value for key, value in config.to_dict().items() if key not in _NOT_CONTENT}
        digest.update(json.dumps(settings, sort_keys=True, default=str).encode())
    for kind in (model.named_parameters(), model.named_buffers()):
        for name, tensor in kind:
            digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
            digest.update(tensor_bytes(tensor))
    return digest.hexdigest()


def content_digest(parts: Iterable[str | bytes | Tensor]) -> str:
    """Of a sequence; each part is told from the next by its length."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else tensor_bytes(part) if isinstance(part, Tensor) else part
        digest.update(f"{len(raw)}:".encode())
        digest.update(raw)
    return digest.hexdigest()


def tensor_bytes(tensor: Tensor) -> memoryview:
    """The tensor's numbers as they lie in memory, bfloat16 included."""
    flat = tensor.detach().cpu().contiguous().reshape(-1)
    return flat.view(torch.uint8).numpy().data
