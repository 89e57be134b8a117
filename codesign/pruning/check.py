"""A check on the picture of a model's structure: where the known readers of a unit are silent, no other hears it."""

from __future__ import annotations

import copy
from dataclasses import replace

import torch
from torch import Tensor, nn

from codesign.pruning.statistics import Batch, device_of, evaluating, on
from codesign.pruning.structure import structure
from codesign.pruning.units import Part, Removal, UnitGroup, survivors, zero

TOLERANCE = 1e-3  # of the largest output


def check_structure(model: nn.Module, removals: tuple[Removal, ...], batch: Batch) -> None:
    """Zeroing what reads the dead units must do as much as zeroing them as well. Two forward passes of one batch.

    Raises ValueError where it does not: a unit has a reader that the names or the graph of the model did not show.
    """
    groups = structure(model)
    deaf = {name: replace(group, parts=_readers(group)) for name, group in groups.items() if group.kind != "channel"}
    seen = tuple(removal for removal in removals if removal.group in deaf)
    if not seen:
        return
    want, got = (_output(model, groups_, seen, batch) for groups_ in (deaf, groups))
    if float((want - got).abs().max()) > TOLERANCE * float(want.abs().max()):
        raise ValueError(
            f"prune: units: {type(model).__name__} is not built as its names say: removed units are read elsewhere; "
            "prune it in blocks, or protect the layers concerned"
        )


def _readers(group: UnitGroup) -> tuple[Part, ...]:
    return tuple(part for part in group.parts if part.side == "in")


def _output(model: nn.Module, groups: dict[str, UnitGroup], removals: tuple[Removal, ...], batch: Batch) -> Tensor:
    pruned = copy.deepcopy(model)
    zero(pruned, survivors(model, groups, removals))
    with evaluating(pruned), torch.inference_mode():
        output = pruned(**on(device_of(pruned), batch))
    first = output if isinstance(output, Tensor) else getattr(output, "logits", None)
    return first if isinstance(first, Tensor) else next(value for value in output.values() if isinstance(value, Tensor))
