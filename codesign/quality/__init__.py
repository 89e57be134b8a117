"""Metrics of a model's answers, with intervals: described here, computed from counts, without torch."""

from codesign.quality.base import Goal, Quality
from codesign.quality.table import METRICS, MetricEntry

__all__ = ["METRICS", "Goal", "MetricEntry", "Quality"]
