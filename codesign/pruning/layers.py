"""Prunable layers: each one's weight as an (out, in) matrix, and what comes in as rows of that matrix's width."""

from __future__ import annotations

import re
from typing import TypeGuard

import torch
from torch import Tensor, nn
from torch.nn import functional


def is_prunable(module: nn.Module) -> TypeGuard[nn.Linear | nn.Conv1d | nn.Conv2d]:
    """Does it multiply what comes in by one weight matrix? (GPT-2's `Conv1D` is a Linear that stores (in, out).)"""
    return isinstance(module, nn.Linear | nn.Conv1d | nn.Conv2d) or is_transposed(module)


def is_transposed(module: nn.Module) -> bool:
    """Does it store (in, out)? GPT-2's `Conv1D` does."""
    return type(module).__name__ == "Conv1D" and hasattr(module, "nf")


def is_grouped(module: nn.Module) -> bool:
    """Is it a convolution in groups? It has one input matrix for each, so its inputs are not measured."""
    return isinstance(module, nn.Conv1d | nn.Conv2d) and module.groups > 1


def select(model: nn.Module, pattern: str, unless: str = "") -> dict[str, nn.Module]:
    """Prunable layers whose name the regular expression finds (`re.search`), in the model's order."""
    names: dict[str, nn.Module] = {name: module for name, module in model.named_modules() if is_prunable(module)}
    chosen = {name: module for name, module in names.items() if re.search(pattern, name)}
    if unless:
        chosen = {name: module for name, module in chosen.items() if not re.search(unless, name)}
    if not chosen:
        some = ", ".join(list(names)[:6]) or "none"
        raise ValueError(f"prune: scope: no prunable layer is found by {pattern!r}; the model has {some} ...")
    return chosen


def matrix(module: nn.Module) -> Tensor:
    """The weight as (out, in); a convolution's is (out, in / groups * kernel height * kernel width). A view."""
    weight = module.weight
    assert isinstance(weight, Tensor), f"{type(module).__name__} has no weight to prune"
    return as_matrix(module, weight.detach())


def matrix_shape(module: nn.Module) -> tuple[int, int]:
    """(out, in) of `matrix`."""
    rows, cols = matrix(module).shape
    return rows, cols


def as_matrix(module: nn.Module, values: Tensor) -> Tensor:
    """Values laid out as the module's weight, as (out, in)."""
    return values.T if is_transposed(module) else values.flatten(1)


def write_matrix(module: nn.Module, values: Tensor) -> None:
    """Put an (out, in) matrix where `matrix` took it from."""
    weight = module.weight
    assert isinstance(weight, Tensor), f"{type(module).__name__} has no weight to prune"
    with torch.no_grad():
        weight.copy_(values.T if is_transposed(module) else values.reshape(weight.shape))


def input_rows(module: nn.Module, inputs: Tensor) -> Tensor:
    """(rows, in): what the weight matrix is multiplied with; a convolution's input as its patches (im2col)."""
    if not isinstance(module, nn.Conv1d | nn.Conv2d):
        return inputs.reshape(-1, inputs.shape[-1])
    assert not is_grouped(module), "a grouped convolution has one input matrix for each group"
    if module.padding_mode != "zeros" or isinstance(module.padding, str):
        raise ValueError(f"prune: a convolution padded by {module.padding_mode!r}/{module.padding!r} is not supported")
    flat = isinstance(module, nn.Conv1d)
    if inputs.ndim == (2 if flat else 3):  # no batch
        inputs = inputs[None]
    lines = inputs[:, :, None] if flat else inputs  # a Conv1d is a Conv2d over one line
    kernel, dilation, padding, stride = (
        (fill, *side) if flat else side
        for fill, side in ((1, module.kernel_size), (1, module.dilation), (0, module.padding), (1, module.stride))
    )
    patches = functional.unfold(lines, kernel, dilation, padding, stride)  # (batch, in * kernel, positions)
    return patches.transpose(1, 2).reshape(-1, patches.shape[1])
