"""What a file is, that it is good, and, of a space, what it will take."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from codesign.explore.choices import check_pruning
from codesign.explore.space import Space, read_yaml

Found = dict[str, Any]  # Any: JSON
SECONDS = {"plan": 25.0, "judgement": 25.0, "simulation": 0.05}
"""What a plan, a judgement of quality and a simulation took for Whisper tiny.en on one core (docs/results): the
estimate is of that order for models of that size, and says so."""


def inspect(path: Path) -> Found:
    """Kind and summary of a file or a store. ValueError says what is wrong with it."""
    if not path.exists():
        raise ValueError(f"check {path}: no such file")
    kind, look = _kind(path)
    return {"file": str(path), "kind": kind, **look(path)}


def _kind(path: Path) -> tuple[str, Callable[[Path], Found]]:
    if path.is_dir():
        return "store", _store
    match path.suffix:
        case ".cfg":
            return "machine", _machine
        case ".csv" | ".onnx":
            return "topology", _topology
        case ".npy":
            return "mask", _mask
        case ".safetensors":
            return "plan", _plan
        case ".yaml" | ".yml":
            tree = read_yaml(path)
            is_space = isinstance(tree, dict) and Space.model_fields.keys() & tree.keys()
            return ("space", _space) if is_space else ("machine", _machine)
    raise ValueError(
        f"check {path}: '{path.suffix}' is none of .yaml, .cfg, .csv, .onnx, .npy, .safetensors; nor is it a store"
    )


def _space(path: Path) -> Found:
    space = Space.load(path)
    designs = list(space.designs())
    check_pruning(designs)
    plans = {design.plan_key() for design in designs if design.prune.ratio}
    judged = {(design.plan_key(), design.weight_format) for design in designs if not design.hardware_only}
    seconds = len(designs) * SECONDS["simulation"] + (len(plans) * SECONDS["plan"] if judged else 0.0)
    seconds += len(judged) * SECONDS["judgement"]
    like = " if the model is as small as Whisper tiny.en" if judged else ""
    counts = {"designs": len(designs), "plans": len(plans), "evaluations": len(judged), "core_seconds": round(seconds)}
    return counts | {
        "summary": f"{len(designs)} designs, which need {len(plans)} plans and {len(judged)} evaluations of quality; "
        f"about {seconds / 60:.1f} minutes of one core{like}"
    }


def _machine(path: Path) -> Found:
    from hw_models import Hardware

    machine = Hardware.load(path)
    array = machine.array
    return {"summary": f"{machine.name}, {array.rows}x{array.cols} {array.dataflow} at {machine.clock_mhz:g} MHz"}


def _topology(path: Path) -> Found:
    from hw_models.compat.scalesim.topology import read_topology

    if path.suffix == ".onnx":
        from codesign.lowering.onnx import lower_onnx

        program = lower_onnx(path)
        return {"summary": f"{len(program.ops)} operations, {program.macs} MACs"}
    layers = read_topology(path)
    return {"summary": f"{len(layers)} layers, {sum(layer.gemm().macs for layer in layers)} MACs"}


def _mask(path: Path) -> Found:
    import numpy as np

    try:
        mask = np.load(path, allow_pickle=False)
    except (ValueError, OSError) as problem:
        raise ValueError(f"check {path}: not a NumPy file: {problem}") from problem
    if mask.dtype != np.bool_ or mask.ndim != 2:
        raise ValueError(f"check {path}: a mask is bool (k_tiles, n_tiles); this is {mask.dtype} {mask.shape}")
    return {"summary": f"{mask.shape[0]}x{mask.shape[1]} tiles, {int(mask.sum())} live"}


def _plan(path: Path) -> Found:
    from codesign.pruning import PrunePlan

    plan = PrunePlan.load(path)
    return {"summary": f"{plan.spec.method}, {len(plan.masks)} layers, {plan.removed_parameters} weights removed"}


def _store(path: Path) -> Found:
    from codesign.rows.frame import read

    rows = read(path)
    failed = int(rows["error"].notna().sum())
    return {"rows": len(rows), "failed": failed, "summary": f"{len(rows)} rows, {failed} of them failed"}
