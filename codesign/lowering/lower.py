"""The door: the only place where a mask meets a product, and where (out, in) becomes (k, n)."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from math import gcd
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

from codesign.lowering.records import Product, Trace, WeightView
from hw_models.program import Format, Gemm, HostOp, Program, TileMask

if TYPE_CHECKING:
    from torch import nn

    from codesign.lowering.tracing import Inputs
    from codesign.pruning.blocks import BlockMask
    from codesign.pruning.plan import PrunePlan

T = TypeVar("T")


def lower(
    model: nn.Module,
    inputs: Inputs,
    plan: PrunePlan | None = None,
    *,
    weight_format: Format | None = None,
    name: str = "program",
) -> Program:
    """The program of a model on example inputs (a tensor, arguments, keyword arguments) or a workload's request.

    `plan` is what was pruned: units it removes are not in the program, blocks it masks are dead tiles. `weight_format`
    is how weights are stored (None: as the machine computes). To lower many plans of one model, `trace` once and
    `attach` each. Raises ValueError if the plan does not fit the model, and whatever the model raises on these inputs.
    """
    from codesign.lowering.tracing import trace

    if plan is not None and plan.removals:  # smaller products, with the plan's repairs in place
        model, plan = plan.compact(model), None
    return attach(trace(model, inputs), plan, weight_format=weight_format, name=name)


def attach(
    trace: Trace, plan: PrunePlan | None = None, *, weight_format: Format | None = None, name: str = "program"
) -> Program:
    """The program of a trace under a plan of masks; costs microseconds for each operation.

    Raises ValueError if the plan does not fit, or if it removes units: that changes what is to be traced.
    """
    if plan is not None and plan.removals:
        raise ValueError("plan: it removes whole units, which changes the model: trace plan.compact(model)")
    masks = _by_parameter(trace, plan.masks if plan else {})
    biased = _by_parameter(trace, {n: r.bias for n, r in plan.repairs.items() if r.bias is not None} if plan else {})
    _check(trace, masks)
    operations: list[Gemm | HostOp] = []
    for operation in trace.operations:
        if isinstance(operation, HostOp):
            operations.append(operation)
            continue
        parameter = operation.weight.parameter if operation.weight else None
        gemm = replace(
            operation.gemm,
            bias=operation.gemm.bias or parameter in biased,
            weight_format=weight_format if operation.gemm.stationary_known else None,
        )
        if operation.weight is not None and parameter in masks:
            operations += _masked(gemm, operation.weight, masks[parameter])
        else:
            operations.append(gemm)
    return Program(tuple(operations), name, dict(trace.request))


def _by_parameter(trace: Trace, by_layer: Mapping[str, T]) -> dict[str, T]:
    """A plan names layers; a product knows its parameter, by the first of its names."""
    found: dict[str, T] = {}
    for layer, value in by_layer.items():
        parameter = trace.aliases.get(f"{layer}.weight" if layer else "weight", trace.aliases.get(layer))
        if parameter is None:
            near = get_close_matches(layer, [name.removesuffix(".weight") for name in trace.aliases], 1)
            hint = f"; the nearest is {near[0]!r}" if near else ""
            raise ValueError(f"plan: the model has no layer {layer!r}{hint}")
        if parameter in found:
            raise ValueError(f"plan: layer {layer!r} shares its weight with another layer of the plan")
        found[parameter] = value
    return found


def _check(trace: Trace, masks: Mapping[str, BlockMask]) -> None:
    """No mask may be lost in silence."""
    for parameter in masks.keys() & trace.transformed.keys():
        raise ValueError(
            f"plan: {parameter!r} is changed before {trace.transformed[parameter]!r} multiplies by it: "
            "its mask cannot be followed; leave it out of the scope"
        )
    read = {op.weight.parameter for op in trace.operations if isinstance(op, Product) and op.weight}
    unread = sorted(masks.keys() - read)
    if unread:
        warnings.warn(f"plan: this request never multiplies by {', '.join(unread)}: no work is saved", stacklevel=3)


def _masked(gemm: Gemm, view: WeightView, mask: BlockMask) -> list[Gemm]:
    """The product with its dead tiles; one for each set of groups of a convolution that have the same tiles."""
    if mask.shape != view.shape:
        raise ValueError(
            f"plan: a mask for {mask.shape} (out, in) does not fit {view.parameter!r}, which is {view.shape}"
        )
    groups = (view.out[1] - view.out[0]) // gemm.n
    tiles = [_tiles(mask, replace(view, out=_part(view.out[0], gemm.n, group))) for group in range(groups)]
    keys = [(t.tile, t.alive.tobytes()) for t in tiles]
    return [
        replace(gemm, tiles=tiles[keys.index(key)], repeat=gemm.repeat // groups * count)
        for key, count in Counter(keys).items()
    ]


def _part(start: int, size: int, index: int) -> tuple[int, int]:
    return start + index * size, start + (index + 1) * size


def _tiles(mask: BlockMask, view: WeightView) -> TileMask:
    """The blocks under a view, turned from (out, in) to (k, n)."""
    out, out_step = _cut(mask.block.rows, *view.out)
    inputs, in_step = _cut(mask.block.cols, *view.inputs)
    shape = view.inputs[1] - view.inputs[0], view.out[1] - view.out[0]
    return TileMask(mask.alive[np.ix_(out, inputs)].T, (in_step, out_step), shape)


def _cut(block: int, start: int, stop: int) -> tuple[npt.NDArray[np.int64], int]:
    """Indices of the blocks under [start, stop), and their size: smaller where start is not at a block's edge."""
    step = gcd(block, start)
    return np.arange(start, stop, step) // block, step
