"""Which operator means what: the table that the recorder reads."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch._ops import OpOverloadPacket

from codesign.lowering import products, recurrent
from codesign.lowering.calls import Arguments, Value
from codesign.lowering.nature import packets
from hw_models.program import HostKind

if TYPE_CHECKING:
    from codesign.lowering.journal import Journal

Handler = Callable[["Journal", Arguments, Value], None]
"""Called with the journal, the operator's arguments and its result."""

aten = torch.ops.aten


_HOST_BY_OUTPUT: dict[str, HostKind] = {
    "gelu gelu_": "gelu",
    "silu silu_": "silu",
    "relu relu_ relu6 relu6_ hardtanh hardtanh_ clamp_min clamp_min_ leaky_relu leaky_relu_ prelu": "relu",
    "embedding": "embedding",
    "glu hardswish hardswish_ hardsigmoid mish elu elu_ softplus": "elementwise",
}
_HOST_BY_INPUT: dict[str, HostKind] = {
    "adaptive_avg_pool1d adaptive_avg_pool2d _adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d "
    "adaptive_max_pool2d mean": "pool",
    "cumsum sort topk argsort logsumexp norm linalg_vector_norm var_mean std_mean dot vdot histc": "elementwise",
}


def _first(tensors: Value) -> Tensor:
    return tensors if isinstance(tensors, Tensor) else tensors[0]


def _by_output(kind: HostKind) -> Handler:
    return lambda journal, args, out: journal.host(kind, _first(out).numel())


def _by_input(kind: HostKind) -> Handler:
    return lambda journal, args, out: journal.host(kind, args[0].numel())


def _window(journal: Journal, args: Arguments, out: Value) -> None:
    """Pooling looks at every number of every window."""
    journal.host("pool", _first(out).numel() * prod(args[1]))


def _interpolation(neighbours: int) -> Handler:
    """Each number of the result comes from so many."""
    return lambda journal, args, out: journal.host("pool", out.numel() * neighbours)


def _norm(kind: HostKind, rows: Callable[[Arguments], int]) -> Handler:
    """Rows: how many times something is normalised."""
    return lambda journal, args, out: journal.host(kind, args[0].numel(), rows(args))


def _rows_of_shape(args: Arguments) -> int:
    """Layer and RMS norm are told the shape of what is normalised together."""
    return int(args[0].numel() // max(torch.Size(args[1]).numel(), 1))


def _batch_norm(journal: Journal, args: Arguments, out: Value) -> None:
    """In inference it is a scale and a shift: right after a product with a weight they go into it."""
    origin = journal.provenance.of(args[0])
    if origin.product is None or not origin.fresh or not journal.takes_in_norm(origin.product):
        journal.host("batch_norm", args[0].numel())


_OWN: dict[str, Handler] = {
    "batch_norm native_batch_norm _native_batch_norm_legit_no_training": _batch_norm,
    "max_pool1d max_pool2d max_pool3d max_pool2d_with_indices avg_pool1d avg_pool2d avg_pool3d": _window,
    "upsample_linear1d": _interpolation(2),
    "upsample_bilinear2d _upsample_bilinear2d_aa": _interpolation(4),
    "upsample_bicubic2d _upsample_bicubic2d_aa": _interpolation(16),
    "layer_norm native_layer_norm": _norm("layer_norm", _rows_of_shape),
    "rms_norm _fused_rms_norm": _norm("rms_norm", _rows_of_shape),
    "group_norm": _norm("layer_norm", lambda args: args[0].shape[0] * args[1]),
    "native_group_norm": _norm("layer_norm", lambda args: args[3] * args[6]),
    "instance_norm": _norm("layer_norm", lambda args: args[0].shape[0] * args[0].shape[1]),
}


def _table() -> dict[OpOverloadPacket, Handler]:
    table: dict[OpOverloadPacket, Handler] = {}
    for maker, kinds in ((_by_output, _HOST_BY_OUTPUT), (_by_input, _HOST_BY_INPUT)):
        for names, kind in kinds.items():
            table |= dict.fromkeys(packets(names), maker(kind))
    for names, handler in _OWN.items():
        table |= dict.fromkeys(packets(names), handler)
    return table | products.HANDLERS | recurrent.HANDLERS


HANDLERS: dict[OpOverloadPacket, Handler] = _table()
