"""Models out of a local Hugging Face folder: nothing is looked up elsewhere, and no code of the folder runs."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def load_pretrained(folder: Path, loader: Any, kinds: Collection[str] = ()) -> PreTrainedModel:
    """In fp32, not trained further. `loader` is a class of `transformers` with `from_pretrained`.

    kinds: the model types that will do, where not all do. Raises ValueError where it is of another kind, or weights are
    missing or damaged; weights in pickles are read as tensors only.
    """
    from safetensors import SafetensorError
    from transformers import AutoConfig

    try:
        kind = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False).model_type
        if kinds and kind not in kinds:
            raise ValueError(f"a {kind!r} model, but {' or '.join(kinds)} is wanted")
        model, report = loader.from_pretrained(
            folder, local_files_only=True, dtype=torch.float32, weights_only=True, output_loading_info=True
        )
    except (OSError, ValueError, RuntimeError, KeyError, ImportError, SafetensorError) as reason:
        raise ValueError(
            f"model {folder}: cannot be loaded: {(str(reason).strip().splitlines() or ['?'])[0]}"
        ) from reason
    if missing := sorted(report["missing_keys"]):
        raise ValueError(f"model {folder}: {len(missing)} of its weights are missing, {missing[0]} for one")
    loaded: PreTrainedModel = model
    loaded.requires_grad_(False).eval()
    return loaded
