"""Filters and neurons of a network whose graph torch.fx can trace: CNNs and MLPs, residual sums included.

Each value carries a label, the channels it holds. What works channel by channel hands the label on; a sum makes its
operands' channels one; anything else ends it: those channels are left alone.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, field

import torch
from torch import fx, nn
from torch.nn import functional

from codesign.pruning.units import Kind, Part, UnitGroup

CHANNELWISE = (
    nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.GELU, nn.SiLU, nn.Hardswish, nn.Tanh, nn.Sigmoid, nn.Hardsigmoid, nn.ELU,
    nn.Identity, nn.Dropout, nn.Dropout2d, nn.MaxPool1d, nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d,
    nn.AdaptiveMaxPool2d, nn.Flatten, nn.BatchNorm1d, nn.BatchNorm2d,
)  # fmt: skip
CHANNELWISE_CALLS: frozenset[object] = frozenset({
    torch.relu, torch.tanh, torch.sigmoid, torch.flatten, functional.relu, functional.gelu, functional.silu,
    functional.dropout, functional.max_pool2d, functional.avg_pool2d, functional.adaptive_avg_pool2d,
    functional.hardswish, functional.leaky_relu, "flatten", "relu", "tanh", "sigmoid", "contiguous",
})  # fmt: skip
SUMS: frozenset[object] = frozenset({operator.add, operator.iadd, torch.add, "add", "add_", operator.mul, torch.mul})
ASKS_SHAPE: frozenset[object] = frozenset({"size", "dim", getattr})


@dataclass(eq=False)
class _Channels:
    """Channels that go together: who makes and who reads them. `merged` leads to the set that took this one in."""

    count: int
    parts: list[Part] = field(default_factory=list)
    fixed: bool = False  # inputs, outputs, and what meets an operation that is not understood
    merged: _Channels | None = None

    def root(self) -> _Channels:
        return self.merged.root() if self.merged else self

    def join(self, other: _Channels) -> None:
        one, two = self.root(), other.root()
        if one is two:
            return
        if one.count != two.count:
            one.fixed = two.fixed = True
            return
        one.parts += two.parts
        one.fixed |= two.fixed
        two.merged = one


def graph_groups(model: nn.Module) -> list[UnitGroup]:
    """Groups of filters (neurons, where no convolution makes them); none where the graph cannot be traced."""
    try:
        graph = fx.Tracer().trace(model)
    except Exception:  # tracing runs the model's own code on stand-ins: anything may come of it
        return []
    labels = _Labels(model)
    for node in graph.nodes:
        labels.visit(node)
    return labels.groups()


class _Labels:
    """Walks the graph once, in order of execution."""

    def __init__(self, model: nn.Module) -> None:
        self._model = model
        self._of: dict[fx.Node, _Channels] = {}
        self._made: dict[str, _Channels] = {}  # by the layer that makes them

    def visit(self, node: fx.Node) -> None:
        inputs = [self._of[arg] for arg in node.all_input_nodes if arg in self._of]
        module = self._model.get_submodule(str(node.target)) if node.op == "call_module" else None
        if isinstance(module, nn.Linear | nn.Conv1d | nn.Conv2d):
            self._of[node] = self._layer(str(node.target), module, inputs)
        elif node.target in ASKS_SHAPE:
            return
        elif inputs and _is_channelwise(node, module):
            for other in inputs[1:]:
                inputs[0].join(other)
            self._of[node] = inputs[0]
            if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
                inputs[0].root().parts.append(Part(str(node.target), "out"))
        else:
            for label in inputs:
                label.root().fixed = True

    def _layer(self, name: str, module: nn.Linear | nn.Conv1d | nn.Conv2d, inputs: list[_Channels]) -> _Channels:
        read = inputs[0].root() if inputs else None
        size = module.in_features if isinstance(module, nn.Linear) else module.in_channels
        grouped = isinstance(module, nn.Conv1d | nn.Conv2d) and module.groups > 1
        if read and grouped and module.groups == size == module.out_channels == read.count:  # depthwise
            read.parts.append(Part(name, "out"))
            return read
        if read and not grouped and size % read.count == 0:
            read.parts.append(Part(name, "in", size // read.count))
        elif read:
            read.fixed = True
        if name not in self._made:
            count = module.out_features if isinstance(module, nn.Linear) else module.out_channels
            self._made[name] = _Channels(count, [Part(name, "out")], fixed=grouped)
        return self._made[name]

    def groups(self) -> list[UnitGroup]:
        found: dict[int, UnitGroup] = {}
        for name, made in self._made.items():
            channels = made.root()
            if id(channels) in found or channels.fixed:
                continue
            makers = (self._model.get_submodule(part.module) for part in channels.parts if part.side == "out")
            kind: Kind = "filter" if any(isinstance(maker, nn.Conv1d | nn.Conv2d) for maker in makers) else "neuron"
            found[id(channels)] = UnitGroup(
                f"{name}/{kind}", kind, channels.count, tuple(dict.fromkeys(channels.parts))
            )
        return list(found.values())


def _is_channelwise(node: fx.Node, module: nn.Module | None) -> bool:
    if module is not None:
        return isinstance(module, CHANNELWISE)
    if node.target in ("view", "reshape"):  # (batch, everything else)
        return node.args[2:] == (-1,)
    if node.target in ("mean", torch.mean):  # over the image
        dims = node.kwargs.get("dim", node.args[1] if len(node.args) > 1 else None)
        return isinstance(dims, list | tuple) and all(dim in (2, 3, -1, -2) for dim in dims)
    return node.target in CHANNELWISE_CALLS or node.target in SUMS
