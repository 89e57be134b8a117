"""A finished design laid flat: its row."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from codesign.explore import choices
from codesign.explore.design import Design, label
from codesign.explore.prepare import Prepared, prepare
from codesign.quality import Quality
from codesign.rows import Row
from hw_models import Cost, Program


@dataclass(frozen=True)
class Judged:
    """What the model is worth, pruned and dense."""

    pruned: Quality
    dense: Quality


@dataclass(frozen=True)
class Costs:
    """What the request costs: pruned, dense on the same machine, dense on the reference."""

    pruned: Cost
    dense: Cost
    reference: Cost


def row(design: Design, prepared: Prepared, judged: Judged | None, costs: Costs, wall_s: float) -> Row:
    """Everything in the columns of the contract."""
    dense = prepare(design.dense().plan_key())
    return Row(
        **_asked(design), **_machine(costs.pruned), **_request(prepared.program),
        **(_worth(judged) if judged else {}), **_left(prepared, dense, costs), **_price(costs),
        engine=costs.pruned.engine, wall_s=round(wall_s, 4), **_found(),
    )  # fmt: skip


def failed_row(design: Design, why: str) -> Row:
    """What was asked, and why there is no answer."""
    return Row(**_asked(design), error=" ".join(why.split()), **_found())


def _asked(design: Design) -> dict[str, Any]:
    rows, cols = design.prune.block_shape() or (None, None)
    return {
        "key": choices.design_key(design), "workload": label(design.workload, "name"),
        "method": design.prune.method, "repair": design.prune.repair, "pruned_ratio": design.prune.ratio,
        "block_rows": rows, "block_cols": cols, "scope": design.prune.scope, "ranking": design.prune.ranking,
        "weight_format": design.weight_format, "hardware": label(design.hardware, "base"), "seed": design.seed,
        "design_json": design.canonical(),
    }  # fmt: skip


def _machine(cost: Cost) -> dict[str, Any]:
    array = cost.hardware.array
    return {
        "array_rows": array.rows, "array_cols": array.cols, "dataflow": array.dataflow, "overlap": array.overlap,
        "area_mm2": cost.area.total_mm2,
    }  # fmt: skip


def _request(program: Program) -> dict[str, Any]:
    return {"request": request_text(program), **{name: program.request.get(name) for name in ("seq", "batch")}}


def request_text(program: Program) -> str:
    """`window_s 30.0, seq 1500, decoded_tokens 14, beams 1, ...`: what one answer takes."""
    return ", ".join(f"{name} {value}" for name, value in program.request.items())


def _worth(judged: Judged) -> dict[str, Any]:
    quality = judged.pruned
    return {
        "quality_metric": quality.metric, "quality_unit": quality.unit, "quality_goal": quality.goal,
        "quality": quality.value, "quality_dense": judged.dense.value, "quality_low": quality.low,
        "quality_high": quality.high, "quality_n": quality.n, "quality_raw": quality.raw,
    }  # fmt: skip


def _left(prepared: Prepared, dense: Prepared, costs: Costs) -> dict[str, Any]:
    passes = costs.dense.figures["passes"]
    return {
        "weight_density": prepared.live_weights / dense.live_weights if dense.live_weights else None,
        "mac_density": prepared.live_macs / dense.live_macs if dense.live_macs else None,
        "tile_density": costs.pruned.figures["passes"] / passes if passes else None,
        "params_removed_ratio": prepared.removed_parameters / prepared.parameters if prepared.parameters else None,
    }


def _price(costs: Costs) -> dict[str, Any]:
    pruned, dense, reference = costs.pruned, costs.dense, costs.reference
    energy_uj, dense_uj = pruned.energy.total_pj * 1e-6, dense.energy.total_pj * 1e-6
    return {
        "cycles": pruned.cycles, "cycles_dense": dense.cycles, "speedup": dense.latency_ms / pruned.latency_ms,
        "speedup_vs_reference": reference.latency_ms / pruned.latency_ms, "latency_ms": pruned.latency_ms,
        "energy_uj": energy_uj, "energy_dense_uj": dense_uj, "energy_ratio": energy_uj / dense_uj,
        "edp": energy_uj * pruned.latency_ms, "utilization": pruned.utilization,
        "bound_cycles": max(pruned.figures["bound_compute_cycles"], pruned.figures["bound_memory_cycles"]),
        "dram_read_bytes": pruned.figures["dram_read_bytes"], "dram_write_bytes": pruned.figures["dram_write_bytes"],
    }  # fmt: skip


@cache
def _found() -> dict[str, Any]:
    return {"version": choices.tool_version(), "git_commit": _git_commit()}


def _git_commit() -> str | None:
    """Of the tree that this file stands in, where it is one of ours; `+` where tracked files were changed since."""
    here = Path(__file__).parents[2]
    if not (here / "pyproject.toml").is_file():
        return None
    try:
        head, changes = (
            subprocess.run(["git", "-C", here, *command], capture_output=True, text=True, check=True, timeout=20).stdout
            for command in (("rev-parse", "--short=12", "HEAD"), ("status", "--porcelain", "--untracked-files=no"))
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return head.strip() + ("+" if changes.strip() else "")
