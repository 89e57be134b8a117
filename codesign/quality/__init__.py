"""Metrics of a model's answers, with intervals."""

from codesign.quality.base import Goal, Quality

__all__ = ["Goal", "Quality"]
