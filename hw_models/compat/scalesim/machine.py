"""The machine that a SCALE-Sim configuration describes."""

from __future__ import annotations

from pathlib import Path

from hw_models.compat.scalesim.config import ScaleSimConfig, read_config
from hw_models.hardware import Array, Buffer, Buffers, Dram, Hardware, Sparsity

CLOCK_MHZ = 1000.0  # SCALE-Sim knows no clock; at 1 GHz a word (one byte) a cycle is 1 GB/s


def hardware_of(path: str | Path) -> Hardware:
    """Read a `.cfg`; serial folds, bytes as words, and memory that never makes the array wait in CALC mode."""
    config = read_config(path)
    return Hardware(
        name=config.run_name,
        description=f"described by SCALE-Sim's {Path(path).name}, at {CLOCK_MHZ:g} MHz (SCALE-Sim names no clock)",
        sources=(f"SCALE-Sim configuration {Path(path).name}",),
        clock_mhz=CLOCK_MHZ,
        array=Array(
            rows=config.rows,
            cols=config.cols,
            dataflow=config.dataflow,
            overlap="serial",
            activation_format="int8",
            weight_format="int8",
        ),
        sparsity=Sparsity(kind="row_skip" if config.sparsity else "none"),
        buffers=_buffers(config),
        dram=None if config.bandwidth_words is None else Dram(bandwidth_gb_s=config.bandwidth_words * CLOCK_MHZ / 1000),
    )


def _buffers(config: ScaleSimConfig) -> Buffers:
    return Buffers(
        activation=Buffer(size_kib=float(config.ifmap_kib)),
        weight=Buffer(size_kib=float(config.filter_kib)),
        output=Buffer(size_kib=float(config.ofmap_kib)),
    )
