"""SCALE-Sim's report files, three and one more for N:M weights, under its names, with its columns in its order.

Cycles, utilisations, SRAM counts and SRAM bandwidths are SCALE-Sim's to the digit. The columns on DRAM, the total that
contains the prefetch and the cycles of first and last access stay empty: they come from its address traces, whose
memory model its own users call unusable (DRAM reads above SRAM reads, partial sums never read back).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hw_models.compat.scalesim.formulas import ScaleSimFigures
from hw_models.compat.scalesim.storage import FilterStorage

COMPUTE = (
    "LayerID", "Total Cycles (incl. prefetch)", "Total Cycles", "Stall Cycles", "Overall Util %",
    "Mapping Efficiency %", "Compute Util %",
)  # fmt: skip
_METADATA = "Avg FILTER Metadata SRAM BW"
BANDWIDTH = (
    "LayerID", "Avg IFMAP SRAM BW", "Avg FILTER SRAM BW", "Avg OFMAP SRAM BW",
    "Avg IFMAP DRAM BW", "Avg FILTER DRAM BW", "Avg OFMAP DRAM BW",
)  # fmt: skip
SPARSE_BANDWIDTH = (*BANDWIDTH[:3], _METADATA, *BANDWIDTH[3:])
SPARSE = (
    "LayerID", "Sparsity Representation", "Original Filter Storage", "New Storage (Filter+Metadata)",
    "Filter Metadata Storage", _METADATA,
)  # fmt: skip
ACCESS = (
    "LayerID",
    *(
        f"{memory} {operand} {what}"
        for memory in ("SRAM", "DRAM")
        for operand, count in (("IFMAP", "Reads"), ("Filter", "Reads"), ("OFMAP", "Writes"))
        for what in ("Start Cycle", "Stop Cycle", count)
    ),
)


def write_reports(
    directory: str | Path, layers: Sequence[ScaleSimFigures], storage: Sequence[FilterStorage] = ()
) -> tuple[Path, ...]:
    """Write the files into `directory` (made if need be), a row a run of a layer; returns their paths.

    storage: of each row, where SCALE-Sim's sparsity is on; there is a sparse report then.
    """
    folder = Path(directory)
    metadata = [[one.metadata / layer.total_cycles] for one, layer in zip(storage, layers, strict=bool(storage))]
    bandwidth = SPARSE_BANDWIDTH if storage else BANDWIDTH
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = [
            _write(folder / "COMPUTE_REPORT.csv", COMPUTE, [_compute(layer) for layer in layers]),
            _write(
                folder / "BANDWIDTH_REPORT.csv",
                bandwidth,
                [_bandwidth(layer, more) for layer, more in zip(layers, metadata or [[]] * len(layers), strict=True)],
            ),
            _write(folder / "DETAILED_ACCESS_REPORT.csv", ACCESS, [_access(layer) for layer in layers]),
        ]
        if storage:
            rows = [_stored(one, more) for one, more in zip(storage, metadata, strict=True)]
            written.append(_write(folder / "SPARSE_REPORT.csv", SPARSE, rows, end=", "))
        return tuple(written)
    except OSError as error:
        raise ValueError(f"reports: cannot write into {folder}: {error.strerror}") from None


def _compute(layer: ScaleSimFigures) -> list[object]:
    return [
        "", layer.total_cycles, layer.stall_cycles,
        layer.overall_util_pct, layer.mapping_efficiency_pct, layer.compute_util_pct,
    ]  # fmt: skip


def _bandwidth(layer: ScaleSimFigures, metadata: list[float]) -> list[object]:
    """Words a cycle, over the reported (one too small) number of cycles."""
    counts = (layer.sram_ifmap_reads, layer.sram_filter_reads, layer.sram_ofmap_writes)
    ifmap, filters, ofmap = (count / layer.total_cycles for count in counts)
    return [ifmap, filters, *metadata, ofmap, "", "", ""]


def _stored(layer: FilterStorage, metadata: list[float]) -> list[object]:
    return [layer.representation, layer.original, layer.new, layer.metadata, *metadata]


def _access(layer: ScaleSimFigures) -> list[object]:
    counts = (layer.sram_ifmap_reads, layer.sram_filter_reads, layer.sram_ofmap_writes)
    return [*(cell for count in counts for cell in ("", "", count)), *([""] * 9)]


def _write(path: Path, header: tuple[str, ...], rows: list[list[object]], end: str = ",") -> Path:
    """Cells parted by a comma and a blank, a comma behind the last, as SCALE-Sim writes them (`end`: the header's)."""
    lines = [", ".join(header) + end]
    lines += [", ".join(str(cell) for cell in (number, *row)) + "," for number, row in enumerate(rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
