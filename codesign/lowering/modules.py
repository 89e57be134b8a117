"""Modules whose class name says what the host does in them, however many operators they are written in."""

from __future__ import annotations

import re
from functools import cache

from hw_models.program import HostKind

_KINDS: tuple[tuple[str, HostKind], ...] = (
    (r"RMSNorm|T5LayerNorm", "rms_norm"),
    (r"LayerNorm", "layer_norm"),
    (r"GELU", "gelu"),
    (r"SiLU|Swish", "silu"),
)


@cache
def kind_of_module(class_name: str) -> HostKind | None:
    """Llama's RMSNorm is six operators, and one norm; GPT-2's GELU is eight, and one GELU."""
    return next((kind for pattern, kind in _KINDS if re.search(pattern, class_name)), None)
