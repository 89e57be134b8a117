"""Heads, neurons and sub-layers of a transformer, recognised by the names that its projections go by.

The names are those of Hugging Face's Whisper, Llama, ViT, BERT, GPT-2, wav2vec2 and their kin, and of our own ViT; a
model that names its parts alike is understood alike. See docs/decisions/units.md.
"""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn

from codesign.pruning.layers import matrix_shape
from codesign.pruning.units import Part, UnitGroup

# Query, key, value and output projection, below the module that holds them.
ATTENTION = (
    ("q_proj", "k_proj", "v_proj", "o_proj"),
    ("q_proj", "k_proj", "v_proj", "out_proj"),
    ("query", "key", "value", "dense"),
    ("self.query", "self.key", "self.value", "output.dense"),
    ("attention.query", "attention.key", "attention.value", "output.dense"),
)
# What makes the hidden layer (two where it is gated), and last what reads it.
MLP = (
    ("gate_proj", "up_proj", "down_proj"),
    ("fc1", "fc2"),
    ("intermediate.dense", "output.dense"),
    ("intermediate_dense", "output_dense"),
    ("c_fc", "c_proj"),
    ("lin1", "lin2"),
)
HEAD_COUNTS = ("num_heads", "num_attention_heads", "n_heads", "heads")  # attributes, one of which says how many


def attention_groups(model: nn.Module) -> list[UnitGroup]:
    """Query heads, kv groups and the whole, for each attention."""
    return [group for name, layers in attentions(model).items() for group in _attention(model, name, layers)]


def mlp_groups(model: nn.Module) -> list[UnitGroup]:
    """Neurons and the whole, for each MLP."""
    return [group for name, layers in mlps(model).items() for group in _mlp(model, name, layers)]


def attentions(model: nn.Module) -> dict[str, list[str]]:
    """Query, key, value and output projection of each attention, by the name of what holds them."""
    return _find(model, ATTENTION)


def mlps(model: nn.Module) -> dict[str, list[str]]:
    """The makers of each hidden layer and last its reader, by the name of what holds them."""
    return _find(model, MLP)


def _find(model: nn.Module, patterns: tuple[tuple[str, ...], ...]) -> dict[str, list[str]]:
    found = {}
    for name, module in model.named_modules():
        below = {child for child, _ in module.named_modules()}
        for pattern in patterns:
            if below.issuperset(pattern):
                found[name] = [f"{name}.{part}".lstrip(".") for part in pattern]
    return found


def _attention(model: nn.Module, name: str, layers: list[str]) -> Iterator[UnitGroup]:
    query, key, value, output = layers
    rows, kv_rows = (matrix_shape(model.get_submodule(layer))[0] for layer in (query, key))
    width = head_width(model, layers)
    heads, groups = rows // width, kv_rows // width
    share = heads // groups  # query heads to each kv head
    ends = (Part(query, "out", width), Part(output, "in", width))
    shared = (Part(key, "out", width), Part(value, "out", width))
    alone = share == 1
    families = 1 if alone else groups  # no kv group may be left without a reader
    yield UnitGroup(f"{name}/query_head", "query_head", heads, ends + (shared if alone else ()), families)
    wide = (Part(query, "out", share * width), Part(output, "in", share * width))
    yield UnitGroup(f"{name}/kv_group", "kv_group", groups, wide + shared)
    if query.rpartition(".")[0] != output.rpartition(".")[0]:  # what joins them cannot be taken out as one
        return
    whole = (Part(query, "out", rows), Part(output, "in", rows), Part(key, "out", kv_rows), Part(value, "out", kv_rows))
    yield UnitGroup(f"{name}/attention", "sublayer", 1, whole, families=0)


def _mlp(model: nn.Module, name: str, layers: list[str]) -> Iterator[UnitGroup]:
    *makers, reader = layers
    width = matrix_shape(model.get_submodule(reader))[1]

    def parts(each: int) -> tuple[Part, ...]:
        return (*(Part(layer, "out", each) for layer in makers), Part(reader, "in", each))

    yield UnitGroup(f"{name}/neuron", "neuron", width, parts(1))
    yield UnitGroup(f"{name}/mlp", "sublayer", 1, parts(width), families=0)


def head_width(model: nn.Module, layers: list[str]) -> int:
    """Elements of one head, as the module that splits them says."""
    attention = model.get_submodule(layers[0].rpartition(".")[0])
    for name in ("head_dim", "attention_head_size"):
        if isinstance(width := getattr(attention, name, None), int):
            return width
    for name in HEAD_COUNTS:
        if isinstance(heads := getattr(attention, name, None), int):
            return matrix_shape(model.get_submodule(layers[0]))[0] // heads
    raise ValueError(f"prune: units: {type(attention).__name__} does not say how many heads it has")
