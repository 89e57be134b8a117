"""A workload: a real model, the data it is judged on, and the request that the hardware is asked to serve."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from codesign.quality import Quality

if TYPE_CHECKING:
    from torch import nn

Batch = Mapping[str, Any]  # keyword arguments of the model's forward: their kind is the model's affair
Progress = Callable[[int, int], None]  # (done, of): called as an evaluation goes on


@dataclass(frozen=True)
class Request:
    """What the simulated machine is asked to do once: a window, a prompt, the tokens decoded, the batch.

    `run(model)` makes the model do just that, on inputs of the model's own device and shape (the meta device included:
    lowering traces it there). `facts` says in numbers what was asked; it stands in every row.
    """

    run: Callable[[nn.Module], object]
    facts: Mapping[str, int | float | str]


class Samples(Protocol):
    """Anything with a length: a list of utterances, of windows, a set of pictures."""

    def __len__(self) -> int:
        """How many there are."""


@dataclass(frozen=True)
class Data:
    """Calibration and evaluation samples, which never overlap, and the request.

    Calibration batches are tensors on the CPU, with `labels`, so that `model(**batch).loss` is the model's own loss.
    """

    calibration: Sequence[Batch]
    evaluation: Samples  # what the metric reads: its kind is the metric's affair
    request: Request
    digest: str  # of the content of both sets
    note: str = ""  # what a reader of a plot must know: "one speaker"


class Metric(Protocol):
    """Judges a model on data.

    * runs on the model's device, in inference mode, in batches; leaves the model as it was;
    * the same model and data give the same number;
    * reports progress where it is given a place to.
    """

    @property
    def name(self) -> str:
        """The column's name in rows: "wer", "perplexity", "accuracy"."""

    def __call__(self, model: nn.Module, data: Data, progress: Progress | None = None) -> Quality:
        """What the model is worth. Raises ValueError where the data cannot be judged on."""


@dataclass(frozen=True)
class Workload:
    """Everything the explorer asks of a model: `Workload(model, data, metric)` makes one's own."""

    model: nn.Module
    data: Data
    metric: Metric
    name: str = "custom"
    scopes: Mapping[str, str] = field(
        default_factory=dict
    )  # name -> regular expression that finds layer names, anchored
    default_scope: str = "all-linear"
    source: str = ""  # where the weights come from, and what was done to them
