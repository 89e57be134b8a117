"""Prune real transformers in blocks that match a systolic array, simulate what that saves, see the trade."""

from codesign.torchaudio_compat import allow_any_torch

allow_any_torch()
