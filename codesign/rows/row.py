"""One finished design as a flat record: what was asked, what it is worth, what it costs, how it was found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

MISSING = None  # a column that does not apply, or that a failed design never reached


def _column(meaning: str, unit: str = "") -> Any:  # Any: what dataclasses.field gives, seen by mypy as the field's type
    return field(default=MISSING, metadata={"meaning": meaning, "unit": unit})


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """The columns of every table this tool writes, in this order. Outsiders rely on them: see docs/columns.md."""

    # The design
    key: str = _column("hash of the design's content and of the tool's version")
    workload: str = _column("the workload's name and its options")
    method: str = _column("pruning method")
    repair: str = _column("what mends the pruned layers without training")
    pruned_ratio: float = _column("asked: removed parameters / parameters in scope", "ratio")
    block_rows: int | None = _column("block of the (out, in) weight that lives or dies as one: outputs", "weights")
    block_cols: int | None = _column("the same: inputs", "weights")
    scope: str = _column("which layers may be pruned, by a name that the workload defines")
    ranking: str = _column("do blocks compete over the whole scope (global) or in their layer (layer)?")
    weight_format: str = _column("how weights are stored, in the model judged and on the machine")
    hardware: str = _column("the machine's name, and what was changed in it")
    array_rows: int | None = _column("rows of the array (reduction side)", "PEs")
    array_cols: int | None = _column("columns of the array (output side)", "PEs")
    dataflow: str | None = _column("which operand stays in the array")
    overlap: str | None = _column("how passes follow each other")
    seq: int | None = _column("positions of the request, where it has such a number", "tokens")
    batch: int | None = _column("samples of the request", "samples")
    seed: int = _column("of everything random")
    design_json: str = _column("the design, whole: `codesign run --design` takes it")
    # What it is worth
    quality_metric: str | None = _column("wer, perplexity, accuracy, ...")
    quality_unit: str | None = _column("unit of the four qualities")
    quality_goal: str | None = _column("min or max")
    quality: float | None = _column("quality of the pruned model, capped where the metric has a cap")
    quality_dense: float | None = _column("quality of the same model, nothing pruned, same weight format")
    quality_low: float | None = _column("lower end of the 95 % bootstrap interval of `quality`")
    quality_high: float | None = _column("upper end of it")
    quality_n: int | None = _column("samples judged", "samples")
    quality_raw: float | None = _column("quality before capping")
    # What is left
    weight_density: float | None = _column("live weights / weights of the dense program's matrices", "ratio")
    mac_density: float | None = _column("MACs by weights that live as pruned / dense MACs", "ratio")
    tile_density: float | None = _column("passes made / passes of the dense program, on this array", "ratio")
    params_removed_ratio: float | None = _column("removed / all parameters of the whole model", "ratio")
    # What it costs
    cycles: int | None = _column("of the whole request", "cycles")
    cycles_dense: int | None = _column("the same request, nothing pruned, same machine", "cycles")
    speedup: float | None = _column("dense latency / latency, same machine", "x")
    speedup_vs_reference: float | None = _column("latency of the dense model on the sweep's reference / latency", "x")
    latency_ms: float | None = _column("of the whole request", "ms")
    energy_uj: float | None = _column("of the whole request", "uJ")
    energy_dense_uj: float | None = _column("the same request, nothing pruned, same machine", "uJ")
    energy_ratio: float | None = _column("energy / dense energy, same machine", "ratio")
    area_mm2: float | None = _column("array and SRAM", "mm2")
    edp: float | None = _column("energy x latency", "uJ ms")
    utilization: float | None = _column("executed MACs / (cycles x PEs)", "ratio")
    bound_cycles: int | None = _column("no schedule of the live work can be shorter", "cycles")
    dram_read_bytes: int | None = _column("of the whole request", "bytes")
    dram_write_bytes: int | None = _column("of the whole request", "bytes")
    # How it was found
    engine: str | None = _column("event or fast")
    version: str = _column("of this tool")
    git_commit: str | None = _column("of the tree it ran from, where there is one; + marks local changes")
    wall_s: float | None = _column("time taken, quality included where it was not cached", "s")
    error: str | None = _column("why there is no result")
    # Since the contract was written
    request: str | None = _column("all that one answer takes: window, positions, tokens cached and decoded, beams")

    def to_json(self) -> str:
        """One line, keys in the order of the columns. NaN is refused: it is not JSON."""
        return json.dumps(asdict(self), allow_nan=False)

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Row:
        """From a decoded line; columns of a later version are left out."""
        return cls(**{name: record[name] for name in COLUMNS if name in record})


COLUMNS: tuple[str, ...] = tuple(column.name for column in fields(Row))
KIND: Mapping[str, str] = {
    column.name: str(column.type).removesuffix(" | None") for column in fields(Row)
}  # "str", "int" or "float"
MEANING: Mapping[str, str] = {column.name: column.metadata["meaning"] for column in fields(Row)}
UNIT: Mapping[str, str] = {column.name: column.metadata["unit"] for column in fields(Row)}
