"""Channels of the residual stream: one unit is a channel in every layer that reads or writes the stream."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor, nn

from codesign.pruning.layers import is_prunable, matrix_shape
from codesign.pruning.structure.transformer import attentions, mlps
from codesign.pruning.units import Part, UnitGroup

CROSS = ("encoder_attn", "crossattention", "cross_attn")  # attentions whose keys and values come of the stack before


def channel_groups(model: nn.Module) -> list[UnitGroup]:
    """One group for each stack of layers (encoder, decoder)."""
    stacks = _stacks(model)
    parts: dict[str, list[Part]] = {stack: [] for stack in stacks}
    for stack, part in (*_in_layers(model, stacks), *_around(model, stacks)):
        parts[stack].append(part)
    return [
        UnitGroup(f"{stack}/channel".lstrip("/"), "channel", stacks[stack], tuple(parts[stack])) for stack in stacks
    ]


def is_norm(module: nn.Module) -> bool:
    """A normalisation over the last dimension, with a gain for each channel."""
    return type(module).__name__.endswith(("LayerNorm", "RMSNorm"))


def _stacks(model: nn.Module) -> dict[str, int]:
    """Name of each module that holds a list of layers with attention, and the width of its stream."""
    found: dict[str, int] = {}
    for name, (query, *_) in attentions(model).items():
        steps = name.split(".")
        above = [".".join(steps[:end]) for end in range(len(steps))]
        lists = [at for at in above if at and isinstance(model.get_submodule(at), nn.ModuleList)]
        if lists:
            found.setdefault(lists[0].rpartition(".")[0], matrix_shape(model.get_submodule(query))[1])
    return found


def _home(name: str, stacks: dict[str, int]) -> str:
    """The stack that a module stands in; what stands outside reads the last."""
    inside = [stack for stack in stacks if not stack or name.startswith(f"{stack}.")]
    return max(inside, key=len) if inside else list(stacks)[-1]


def _in_layers(model: nn.Module, stacks: dict[str, int]) -> Iterator[tuple[str, Part]]:
    order = list(stacks)
    for name, (query, key, value, output) in attentions(model).items():
        home = _home(name, stacks)
        source = order[order.index(home) - 1] if name.endswith(CROSS) else home
        yield home, Part(query, "in")
        yield source, Part(key, "in")
        yield source, Part(value, "in")
        yield home, Part(output, "out")
    for name, (*makers, reader) in mlps(model).items():
        yield from ((_home(name, stacks), Part(maker, "in")) for maker in makers)
        yield _home(name, stacks), Part(reader, "out")


def _around(model: nn.Module, stacks: dict[str, int]) -> Iterator[tuple[str, Part]]:
    """Embeddings, the last convolution of a stem, norms, heads, and bare parameters such as a class token."""
    known = {layer for layers in (*attentions(model).values(), *mlps(model).values()) for layer in layers}
    stems: dict[str, str] = {}
    for name, module in model.named_modules():
        home = _home(name, stacks)
        width = stacks[home]
        if isinstance(module, nn.Conv1d | nn.Conv2d):
            if module.out_channels == width:
                stems[home] = name
        elif isinstance(module, nn.Embedding) or is_norm(module):
            if isinstance(module.weight, Tensor) and module.weight.shape[-1] == width:
                yield home, Part(name, "out")
        elif is_prunable(module):
            if name not in known and matrix_shape(module)[1] == width:
                yield home, Part(name, "in")
        else:
            for tensor, value in module.named_parameters(name, recurse=False):
                if value.shape[-1] == width:
                    yield home, Part(tensor, "out")
    yield from ((home, Part(name, "out")) for home, name in stems.items())
