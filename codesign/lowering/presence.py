"""Which tensors have data while a model runs without its weights: inputs, and small ones that it makes of nothing."""

from __future__ import annotations

from itertools import zip_longest
from math import prod

import torch
from torch import Tensor
from torch._ops import OpOverload

from codesign.lowering import nature
from codesign.lowering.calls import Arguments, tensors_in

aten = torch.ops.aten

_SMALL = 1 << 20  # elements; a mask over tokens is smaller, one over pairs of many tokens need not be computed


def keeps_data(func: OpOverload, args: Arguments) -> bool:
    """Is the result to have data, though it is asked for on the device of the weights, which have none?"""
    if func.overloadpacket in (aten.ones, aten.zeros, aten.full):
        return bool(prod(args[0]) <= _SMALL)
    if func.overloadpacket is aten.arange:
        return bool(max(map(abs, args)) <= _SMALL)
    return bool(args) and isinstance(args[0], Tensor)


def too_large(func: OpOverload, args: Arguments) -> bool:
    """Would it compute more numbers than are worth having?"""
    if not nature.is_pointwise(func):
        return False
    sizes = zip_longest(*(reversed(tensor.shape) for tensor in tensors_in(args)), fillvalue=1)
    return prod(max(size) for size in sizes) > _SMALL


def check_indices(func: OpOverload, args: Arguments) -> None:
    """An index beyond a table's end would pass unseen without data: too many positions, or a word that is none."""
    if func.overloadpacket is not aten.embedding or args[1].is_meta or not args[1].numel():
        return
    if int(args[1].max()) >= args[0].shape[0]:
        raise IndexError(f"index {int(args[1].max())} is beyond a table of {args[0].shape[0]}")
