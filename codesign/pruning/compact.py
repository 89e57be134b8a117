"""A physically smaller model: what a plan removes is cut out of every tensor; modules are told their new sizes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from codesign.pruning.layers import is_transposed, matrix_shape
from codesign.pruning.standins import Constant, FullWidthLayerNorm, Narrow, NoAttention, attend_unevenly
from codesign.pruning.structure.residual import is_norm
from codesign.pruning.structure.transformer import HEAD_COUNTS, attentions, head_width, mlps
from codesign.pruning.units import Alive, Axis, tensor_of


def cut(model: nn.Module, alive: Mapping[Axis, Alive]) -> None:
    """Cut in place. The model then computes what it did with zeros where the dead stood."""
    attention, dense = attentions(model), mlps(model)
    widths = {name: head_width(model, layers) for name, layers in attention.items()}
    along: dict[str, dict[int, Alive]] = {}
    for (name, dim), living in alive.items():
        along.setdefault(name, {})[dim] = living
    _cut_tensors(model, along)
    for name in {tensor.rpartition(".")[0] for tensor in along}:
        _resize(model, name, along)
    for name, layers in attention.items():
        lives = [_rows(model, layer, along)[:: widths[name]] for layer in layers[:2]]
        if not lives[0].all():
            _resize_attention(model, name, layers, *lives)
    for *makers, reader in dense.values():
        if matrix_shape(model.get_submodule(reader))[1] == 0:
            _replace(model, reader, Constant(model.get_submodule(reader)))
            for maker in makers:
                _replace(model, maker, Narrow())


def _cut_tensors(model: nn.Module, along: Mapping[str, Mapping[int, Alive]]) -> None:
    """Cut each tensor once along all its dimensions; names that shared one share the new one."""
    shared: dict[int, list[str]] = {}
    for name, tensor in (*model.named_parameters(remove_duplicate=False), *model.named_buffers(remove_duplicate=False)):
        shared.setdefault(id(tensor), []).append(name)
    for names in shared.values():
        dims = {dim: lives for name in names for dim, lives in along.get(name, {}).items()}
        if not dims:
            continue
        old = tensor_of(model, names[0])
        new = old.detach()
        for dim, lives in dims.items():
            new = new.index_select(dim, torch.from_numpy(np.flatnonzero(lives)).to(new.device))
        fresh = nn.Parameter(new, requires_grad=old.requires_grad) if isinstance(old, nn.Parameter) else new
        for name in names:
            holder, _, last = name.rpartition(".")
            setattr(model.get_submodule(holder), last, fresh)


def _resize(model: nn.Module, name: str, along: Mapping[str, Mapping[int, Alive]]) -> None:
    """Tell one module the sizes of its tensors."""
    module = model.get_submodule(name)
    if isinstance(module, nn.Linear):
        module.out_features, module.in_features = module.weight.shape
    elif is_transposed(module):
        nf, nx = matrix_shape(module)
        _tell(module, nf=nf, nx=nx)
    elif isinstance(module, nn.Conv1d | nn.Conv2d):
        depthwise = module.groups > 1
        module.out_channels = module.weight.shape[0]
        module.groups = module.out_channels if depthwise else 1
        module.in_channels = module.groups * module.weight.shape[1]
    elif isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
        module.num_features = len(module.weight)
    elif isinstance(module, nn.Embedding):
        module.embedding_dim = module.weight.shape[1]
    elif is_norm(module):
        _renormalise(model, name, module, len(along[f"{name}.weight"][0]))


def _renormalise(model: nn.Module, name: str, norm: nn.Module, full: int) -> None:
    """A norm over fewer channels that divides by all of them, as zeros would have it.

    For RMS norm a gain and an epsilon say that, S being the sum of squares and k the channels that live:
    x / sqrt(S / full + eps) = sqrt(full / k) x / sqrt(S / k + eps full / k).
    """
    if isinstance(norm, nn.LayerNorm):
        _replace(model, name, FullWidthLayerNorm(norm, full))
        return
    epsilon = next(attribute for attribute in ("variance_epsilon", "eps") if hasattr(norm, attribute))
    gain = model.get_parameter(f"{name}.weight")
    growth = full / len(gain)
    with torch.no_grad():
        gain.mul_(growth**0.5)
    _tell(norm, **{epsilon: getattr(norm, epsilon) * growth})
    if isinstance(norm, nn.RMSNorm):
        norm.normalized_shape = (len(gain),)


def _rows(model: nn.Module, layer: str, along: Mapping[str, Mapping[int, Alive]]) -> Alive:
    """Which outputs of the layer, as it was, live."""
    module = model.get_submodule(layer)
    lives = along.get(f"{layer}.weight", {}).get(int(is_transposed(module)))
    return np.ones(matrix_shape(module)[0], np.bool_) if lives is None else lives


def _resize_attention(model: nn.Module, name: str, layers: list[str], heads: Alive, kv: Alive) -> None:
    """Tell an attention which of its query and kv heads live, and which kv head each query head reads."""
    if not heads.any():
        _replace(model, name, NoAttention(model.get_submodule(name), model.get_submodule(layers[3])))
        return
    splitter = model.get_submodule(layers[0].rpartition(".")[0])
    readers = heads.reshape(len(kv), -1)[kv].sum(1)  # live query heads of each live kv head
    sizes = dict.fromkeys(HEAD_COUNTS, int(heads.sum()))
    sizes |= {"all_head_size": matrix_shape(model.get_submodule(layers[0]))[0], "num_key_value_groups": int(readers[0])}
    _tell(splitter, **{attribute: size for attribute, size in sizes.items() if hasattr(splitter, attribute)})
    if len(set(readers)) > 1:
        attend_unevenly(splitter, np.repeat(np.arange(len(readers)), readers).tolist())


def _tell(module: nn.Module, **sizes: float) -> None:
    for attribute, size in sizes.items():
        setattr(module, attribute, size)


def _replace(model: nn.Module, name: str, module: nn.Module) -> None:
    holder, _, last = name.rpartition(".")
    setattr(model.get_submodule(holder), last, module)
