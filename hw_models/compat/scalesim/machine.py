"""The machine that a SCALE-Sim configuration describes."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from hw_models.compat.scalesim.config import ScaleSimConfig, read_config
from hw_models.hardware import Hardware
from hw_models.machine_file import explain

CLOCK_MHZ = 1000.0  # SCALE-Sim knows no clock; at 1 GHz a word (one byte) a cycle is 1 GB/s


def hardware_of(path: str | Path) -> Hardware:
    """Read a `.cfg`; serial folds, bytes as words, and memory that never makes the array wait in CALC mode."""
    name = Path(path).name
    try:
        return Hardware.model_validate(_fields(read_config(path), name))
    except ValidationError as error:
        raise ValueError(explain(error, name, Hardware)) from None


def _fields(config: ScaleSimConfig, name: str) -> dict[str, object]:
    sizes = {"activation": config.ifmap_kib, "weight": config.filter_kib, "output": config.ofmap_kib}
    words = config.bandwidth_words
    packs = config.sparsity is not None and config.dataflow == "weight_stationary"
    notes = [f"passed over: {', '.join(config.ignored)}"] if config.ignored else []
    if config.sparsity and not packs:
        notes.append("N:M weights save cycles in SCALE-Sim's figures alone: ours pack rows that stay in the array")
    return {
        "name": config.run_name,
        "description": f"described by SCALE-Sim's {name}, at {CLOCK_MHZ:g} MHz (SCALE-Sim names no clock)"
        + "".join(f"; {note}" for note in notes),
        "sources": (f"SCALE-Sim configuration {name}",),
        "clock_mhz": CLOCK_MHZ,
        "array": {
            "rows": config.rows,
            "cols": config.cols,
            "dataflow": config.dataflow,
            "overlap": "serial",
            "activation_format": "int8",
            "weight_format": "int8",
        },
        "sparsity": {"kind": "row_skip" if packs else "none"},
        "buffers": {operand: {"size_kib": float(size)} for operand, size in sizes.items()},
        "dram": None if words is None else {"bandwidth_gb_s": words * CLOCK_MHZ / 1000},
    }
