"""A plan on disk: one safetensors file, its JSON header, and a checksum over both. Nothing in it is executed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from codesign.pruning.blocks import Block, BlockMask
from codesign.pruning.spec import PruneSpec
from codesign.pruning.units import Removal

if TYPE_CHECKING:
    from codesign.pruning.plan import PrunePlan

FORMAT = "codesign-plan-1"


def digest(plan: PrunePlan) -> str:
    """SHA-256 over the header and every tensor, in order of their names."""
    return _digest(_header(plan), _tensors(plan))


def save(plan: PrunePlan, path: Path) -> None:
    """Write the plan; the checksum stands beside the header."""
    from safetensors.torch import save_file

    header, tensors = _header(plan), _tensors(plan)
    save_file(tensors, path, metadata={"format": FORMAT, "plan": header, "sha256": _digest(header, tensors)})


def load(path: Path) -> PrunePlan:
    """Read a plan back, its checksum verified."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            meta = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except (OSError, SafetensorError) as error:
        raise ValueError(f"plan {path}: cannot be read: {error}") from None
    if meta.get("format") != FORMAT:
        raise ValueError(f"plan {path}: format {meta.get('format')!r} is not {FORMAT!r}")
    if meta.get("sha256") != _digest(meta["plan"], tensors):
        raise ValueError(f"plan {path}: the content does not have the checksum that was written with it")
    return _rebuild(json.loads(meta["plan"]), tensors)


def _header(plan: PrunePlan) -> str:
    facts = {
        "spec": asdict(plan.spec),
        "scope_parameters": plan.scope_parameters,
        "unit_parameters": plan.unit_parameters,
        "removals": {removal.group: removal.dead for removal in plan.removals},
        "masks": {
            name: {"block": asdict(mask.block), "shape": mask.shape} for name, mask in sorted(plan.masks.items())
        },
    }
    return json.dumps(facts, sort_keys=True)


def _tensors(plan: PrunePlan) -> dict[str, Tensor]:
    tensors = {f"mask/{name}": torch.from_numpy(mask.alive.copy()) for name, mask in plan.masks.items()}
    for name, repair in plan.repairs.items():
        for part, value in (("weight", repair.weight), ("bias", repair.bias)):
            if value is not None:
                tensors[f"{part}/{name}"] = value.detach().cpu().contiguous()
    return tensors


def _digest(header: str, tensors: dict[str, Tensor]) -> str:
    digest = hashlib.sha256(header.encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"\0{name}\0{tensor.dtype}\0{tuple(tensor.shape)}\0".encode())
        digest.update(tensor.contiguous().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _rebuild(facts: dict[str, Any], tensors: dict[str, Tensor]) -> PrunePlan:  # Any: JSON
    from codesign.pruning.plan import PrunePlan, Repair

    block = facts["spec"].pop("block")
    spec = PruneSpec(**facts["spec"], block=Block(**block) if block else None)
    masks = {
        name: BlockMask(tensors[f"mask/{name}"].numpy(), Block(**facts["block"]), tuple(facts["shape"]))
        for name, facts in facts["masks"].items()
    }
    mended = {key.split("/", 1)[1] for key in tensors if not key.startswith("mask/")}
    repairs = {name: Repair(tensors.get(f"weight/{name}"), tensors.get(f"bias/{name}")) for name in sorted(mended)}
    removals = tuple(Removal(group, tuple(dead)) for group, dead in facts["removals"].items())
    return PrunePlan(spec, masks, repairs, removals, facts["scope_parameters"], facts["unit_parameters"])
