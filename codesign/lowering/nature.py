"""The nature of an operator: does it move, work on each element, sum, turn angles into factors?"""

from __future__ import annotations

from functools import cache

import torch
from torch._ops import OpOverload, OpOverloadPacket

from codesign.lowering.provenance import Role

aten = torch.ops.aten


def packets(names: str) -> frozenset[OpOverloadPacket]:
    """The operators of these names; those that this torch does not have are left out."""
    return frozenset(getattr(aten, name) for name in names.split() if hasattr(aten, name))


FREE = packets(
    "view reshape _unsafe_view _reshape_alias expand flatten unflatten squeeze unsqueeze transpose permute "
    "movedim numpy_T t T mT select slice narrow split split_with_sizes chunk tensor_split unbind view_as "
    "expand_as reshape_as clone contiguous _to_copy copy_ copy detach detach_ alias lift_fresh lift_fresh_copy "
    "dropout dropout_ feature_dropout cat concat stack index index_select gather take_along_dim index_copy "
    "index_copy_ index_put index_put_ _unsafe_index scatter scatter_ slice_scatter select_scatter roll flip "
    "tril triu constant_pad_nd pad reflection_pad1d reflection_pad2d replication_pad1d replication_pad2d "
    "repeat im2col unfold as_strided upsample_nearest1d upsample_nearest2d upsample_nearest3d pixel_shuffle "
    "pixel_unshuffle channel_shuffle native_channel_shuffle view_as_real view_as_complex neg _conj "
    "_conj_physical resolve_conj resolve_neg fill fill_ zero_ empty_like zeros_like ones_like full_like "
    "new_zeros new_ones new_full new_empty diagonal diag_embed masked_select nonzero unique_consecutive "
    "_local_scalar_dense item _pack_padded_sequence _pad_packed_sequence"
)
"""Moves, copies and changes of sign: no arithmetic. The DMA's addresses do them."""

COPIES = packets("clone contiguous _to_copy copy detach alias lift_fresh lift_fresh_copy reshape _unsafe_view")
"""Those of them that keep every number where it is."""

ANGLES: dict[OpOverloadPacket, Role] = {aten.cos: "cos", aten.sin: "sin", aten.polar: "cos"}
"""Where the factors of a rotary embedding come from."""


@cache
def is_pointwise(func: OpOverload) -> bool:
    """Does it work on each element alone? In-place operators do not all say so: ask their namesakes."""
    if torch.Tag.pointwise in func.tags:
        return True
    functional = getattr(aten, func.overloadpacket.__name__.removesuffix("_"), None)
    return functional is not None and torch.Tag.pointwise in getattr(functional, func._overloadname, func).tags


@cache
def is_reduction(func: OpOverload) -> bool:
    """Does it sum, or take the largest?"""
    return torch.Tag.reduction in func.tags


@cache
def is_random(func: OpOverload) -> bool:
    """Does it give something else each time?"""
    return torch.Tag.nondeterministic_seeded in func.tags


@cache
def can_decompose(func: OpOverload) -> bool:
    """Can torch take the operator apart into others?"""
    return bool(func._can_decompose())
