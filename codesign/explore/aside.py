"""What lies beside the rows in a store: figures by layer, notes on the workload, and what was wished for."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import fields
from typing import Any

import numpy as np

from codesign.explore.prepare import Prepared
from codesign.explore.record import request_text
from codesign.explore.space import Space
from hw_models import Cost, Gemm
from hw_models.cost import COLUMN, Energy

_BUFFERS = ("activation", "weight", "output")
_PARTS = tuple(part.name for part in fields(Energy))  # mac_pj, register_pj, ...
_FIGURES = (
    "cycles", "busy_cycles", "stall_cycles", "host_cycles", "passes", "passes_skipped", "macs", "macs_skipped",
    "dram_read_bytes", "dram_write_bytes",
)  # fmt: skip
_COMPARED = ("cycles", "host_cycles", *_PARTS)


def layers_file(key: str, pruned: Cost, dense: Cost) -> dict[str, bytes]:
    """`layers/<key>.parquet`: one line an operation, some of the dense model's figures beside (`..._dense`).

    Operations are matched by name. Where one became several (groups with different masks) the first line has the
    dense figures, and the very first line has those of operations that are gone, so that sums are right.
    """
    import pyarrow as pa
    from pyarrow import parquet

    columns, before = _columns(pruned), _columns(dense)
    names = [op.name for op in pruned.ops]
    first = {name: place for place, name in reversed(list(enumerate(names)))}
    place = [first.get(op.name, 0) for op in dense.ops]
    for column in _COMPARED:
        columns[f"{column}_dense"] = np.bincount(place, weights=before[column], minlength=len(names))
    buffer = io.BytesIO()
    parquet.write_table(
        pa.table(columns),
        buffer,
        compression="lz4",
        use_dictionary=["name"],
        write_statistics=False,
        store_schema=False,
    )
    return {f"layers/{key}.parquet": buffer.getvalue()}


def _columns(cost: Cost) -> dict[str, Any]:  # Any: lists and arrays, one value an operation
    """One column a figure; sizes are 0 where the operation is the host's."""
    gemms = [op if isinstance(op, Gemm) else None for op in cost.ops]
    sizes = {side: [getattr(op, side) if op else 0 for op in gemms] for side in ("m", "k", "n")}
    figures = {name: cost.table[:, COLUMN[name]] for name in _FIGURES}
    moved = {
        f"sram_{way}_bytes": sum(cost.table[:, COLUMN[f"{buffer}_sram_{way}_bytes"]] for buffer in _BUFFERS)
        for way in ("read", "write")
    }
    energy = {part: np.broadcast_to(getattr(cost.energy_by_layer, part), len(gemms)) for part in _PARTS}
    dram = cost.hardware.dram
    peak = dram.bandwidth_gb_s * 1000 / cost.hardware.clock_mhz if dram else float("inf")
    return {
        "name": [op.name for op in cost.ops], "kind": ["gemm" if op else "host" for op in gemms],
        **sizes, "repeat": [op.repeat for op in cost.ops], **figures,
        **moved, **energy, "peak_dram_bytes_per_cycle": np.full(len(gemms), peak),
    }  # fmt: skip


def notes_file(workload: str, prepared: Prepared) -> dict[str, bytes]:
    """`workloads/<name's hash>.json`: what a reader of a plot must know."""
    content = {
        "workload": workload,
        **{name: text for name, text in prepared.notes.items() if text},
        "request": request_text(prepared.program),
    }
    return {f"workloads/{_file_name(workload)}.json": json.dumps(content, indent=1).encode()}


def wishes_files(space: Space) -> dict[str, bytes]:
    """`wishes/<name's hash>.json` for each workload: what its last space wishes for, and what rules rows out."""
    content = {"objectives": space.objectives, "constraints": space.constraints}
    return {
        f"wishes/{_file_name(workload)}.json": json.dumps({"workload": workload, **content}, indent=1).encode()
        for workload in space.workloads
    }


def _file_name(workload: str) -> str:
    return hashlib.sha256(workload.encode()).hexdigest()[:12]
