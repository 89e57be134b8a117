"""Real workloads: models, data and what they are judged by; described here, loaded by name."""

from __future__ import annotations

from codesign.workloads.base import Batch, Data, Metric, Progress, Request, Workload
from codesign.workloads.table import WORKLOADS, WorkloadEntry, load, workloads

__all__ = [
    "WORKLOADS",
    "Batch",
    "Data",
    "Metric",
    "Progress",
    "Request",
    "Workload",
    "WorkloadEntry",
    "load",
    "workloads",
]
