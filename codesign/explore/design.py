"""A design: one workload, pruned in one way, on one machine. Written in YAML or JSON; its content is its name."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Scalar = bool | int | float | str


def _block(value: object) -> str:
    """8 is 8x8, from a command line too."""
    text = str(value)
    block = f"{text}x{text}" if text.isdigit() else text
    if block != "array" and not re.fullmatch(r"[1-9]\d*x[1-9]\d*", block):
        raise ValueError(f"{value!r} is neither a side (8), nor (out)x(in) (8x16), nor 'array'")
    return block


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)


class PruneChoice(_Written):
    """What is asked of the pruner."""

    method: str = "magnitude"
    """A pruning method: `codesign ls methods`."""
    repair: str = "none"
    """What mends the pruned layers without training: `codesign ls repairs`."""
    ratio: float = Field(default=0.0, ge=0, lt=1)
    """Removed / all parameters in scope. 0 is the dense model, whatever the method."""
    block: Annotated[str, BeforeValidator(_block)] = "array"
    """(out)x(in) of the weights that live or die as one; `array`: what the array holds at once; 8 is 8x8."""
    units: Annotated[str, Field(pattern=r"^(\w+(\+\w+)*)?$")] = ""
    """Whole units instead of blocks: `neuron`, `query_head+neuron`, ...: `codesign ls units`."""
    align: int = Field(default=1, ge=1)
    """What survives of a group of units is a multiple of this."""
    budget: Literal["params", "macs", "cycles"] = "params"
    """What the ratio counts. `cycles`: those of the dense model on the design's machine. The least is removed that
    saves this share of them, so each machine has a plan of its own."""
    protect: str = ""
    """Layers whose name this regular expression finds lose nothing."""
    scope: str = "default"
    """Which layers may be pruned, by a name that the workload defines."""
    ranking: Literal["global", "layer"] = "global"
    """Do blocks compete over the whole scope, or in their layer?"""
    options: dict[str, Scalar] = {}
    """The method's own: `codesign ls methods`."""
    repair_options: dict[str, Scalar] = {}
    """The repair's own: `codesign ls repairs`."""

    def block_shape(self) -> tuple[int, int] | None:
        """(rows, cols) of (out, in), once `array` has been written out; None where units are removed."""
        if self.units:
            return None
        rows, cols = self.block.split("x")
        return int(rows), int(cols)


class Design(_Written):
    """One point of a space."""

    workload: dict[str, Scalar]
    """`{name: speech, ...options}`, or, for hardware alone, `{shapes: vit-base, seq: 197}`."""
    prune: PruneChoice = PruneChoice()
    """What is asked of the pruner."""
    hardware: dict[str, Scalar] = {"base": "edge16"}
    """`base`: a machine that ships or a file; the rest are its fields by dotted name. `array.size`: rows and cols."""
    reference: dict[str, Scalar] | None = None
    """The machine that `speedup_vs_reference` looks at, running the dense model; none: the design's own."""
    weight_format: Literal["machine", "fp32", "fp16", "bf16", "int8"] = "machine"
    """How weights are stored, on the machine and in the model judged; `machine`: as `array.weight_format` says."""
    engine: Literal["auto", "fast", "event"] = "auto"
    """Which of the two simulators."""
    seed: int = Field(default=0, ge=0)
    """Of everything random."""

    @property
    def hardware_only(self) -> bool:
        """No model, no quality: a list of shapes with random masks."""
        return "shapes" in self.workload

    def canonical(self) -> str:
        """The same text for the same content."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))

    def key(self, version: str, machines: tuple[str, ...]) -> str:
        """Sixteen hex digits of the content, the tool's version, and the content of the machines that are named."""
        content = "\n".join((self.canonical(), version, *machines))
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    def dense(self) -> Design:
        """The same with nothing pruned: all methods are one then."""
        return Design.model_validate({**self.model_dump(), "prune": PruneChoice(block="1x1")})

    def plan_key(self) -> str:
        """Designs with the same text need one pruning, and the text is a design that needs it."""
        if not self.prune.ratio:
            return Design(workload=self.workload, prune=PruneChoice(block="1x1"), seed=self.seed).canonical()
        if self.prune.budget == "cycles":
            return Design.model_validate({**self.model_dump(), "reference": None}).canonical()
        return Design(workload=self.workload, prune=self.prune, seed=self.seed).canonical()


def label(choice: dict[str, Scalar], head: str) -> str:
    """`edge16 array.size=8`: what a choice reads like in a table. On which device a model is judged changes no row."""
    rest = [f"{name}={value}" for name, value in choice.items() if name not in (head, "device")]
    return " ".join(([str(choice[head])] if head in choice else []) + rest)
