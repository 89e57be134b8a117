"""What a program costs on a machine: actions counted, energy by component, cycles split into busy, stall and host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hw_models.hardware import Hardware
from hw_models.program import Gemm, HostOp

if TYPE_CHECKING:
    import pandas as pd

Whole = int | npt.NDArray[np.int64]
"""A whole number, or one for each layer: whatever adds up is written once for both."""
Real = float | npt.NDArray[np.float64]
Formats = tuple[str, str]  # (activation format, weight format)


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """What happened, counted: of one layer, or as int64 arrays (layers,) of many."""

    cycles: Whole
    """Of the array's clock; leakage runs through all of them."""
    macs: Mapping[Formats, Whole]
    """Multiply-accumulates done, by the formats of (activation, weight)."""
    activation_register_writes: Whole
    """Operand registers of processing elements written by activations, one operand each."""
    weight_register_writes: Whole
    """The same by weights."""
    sum_register_writes: Whole
    """Partial-sum registers written, `SUM_BYTES` each."""
    activation_sram_read_bytes: Whole
    activation_sram_write_bytes: Whole
    weight_sram_read_bytes: Whole
    """Bitmap included."""
    weight_sram_write_bytes: Whole
    output_sram_read_bytes: Whole
    """Partial sums read back to be added to, and finished outputs on their way to DRAM."""
    output_sram_write_bytes: Whole
    dram_read_bytes: Whole
    dram_write_bytes: Whole
    dram_activates: Whole
    """Rows opened; 0 on a flat memory."""
    mask_bits: Whole
    """Bits of the bitmap that the tile gate looked at."""
    host_operations: Whole
    """Of the host model: instructions of a core, lane operations of a vector unit."""


@dataclass(frozen=True, slots=True, eq=False)
class Energy:
    """Picojoules by component."""

    mac_pj: Real = 0.0
    register_pj: Real = 0.0
    sram_pj: Real = 0.0
    dram_pj: Real = 0.0
    host_pj: Real = 0.0
    leakage_pj: Real = 0.0

    @property
    def total_pj(self) -> Any:  # Any: float of one layer or program, array of many
        """All components together."""
        return self.mac_pj + self.register_pj + self.sram_pj + self.dram_pj + self.host_pj + self.leakage_pj

    def as_dict(self) -> dict[str, float]:
        """Keys of the contract."""
        parts = {field.name.removesuffix("_pj"): float(getattr(self, field.name)) for field in fields(self)}
        return parts | {"total": float(self.total_pj)}


@dataclass(frozen=True, slots=True)
class Area:
    """Square millimetres of silicon."""

    array_mm2: float
    sram_mm2: float

    @property
    def total_mm2(self) -> float:
        """Array and memories."""
        return self.array_mm2 + self.sram_mm2


FIGURES = (
    "cycles", "busy_cycles", "stall_cycles", "host_cycles", "passes", "passes_skipped", "macs", "macs_skipped",
    "activation_register_writes", "weight_register_writes", "sum_register_writes",
    "activation_sram_read_bytes", "activation_sram_write_bytes", "weight_sram_read_bytes",
    "weight_sram_write_bytes", "output_sram_read_bytes", "output_sram_write_bytes",
    "dram_read_bytes", "dram_write_bytes", "dram_activates", "mask_bits", "host_operations",
    "bound_compute_cycles", "bound_memory_cycles",
)  # fmt: skip
"""What an engine says of a layer, in the order of its row; all repeats together."""
COLUMN = {name: place for place, name in enumerate(FIGURES)}
COUNTED = tuple(field.name for field in fields(Counts) if field.name != "macs")


@dataclass(frozen=True, eq=False)
class LayerCost:
    """One operation's share, all its repeats together."""

    op: Gemm | HostOp
    hardware: Hardware
    figures: Mapping[str, int]
    """By the names of `FIGURES`."""
    energy: Energy

    @property
    def name(self) -> str:
        """The operation's."""
        return self.op.name

    @property
    def cycles(self) -> int:
        """Busy + stall + host."""
        return self.figures["cycles"]

    @property
    def utilization(self) -> float:
        """Executed MACs per processing element and cycle, in [0, 1]."""
        return _utilization(self.figures, self.hardware)

    def as_dict(self) -> dict[str, Any]:  # Any: JSON
        """One entry of `layers` in the contract."""
        gemm = isinstance(self.op, Gemm)
        sizes = {side: getattr(self.op, side) if gemm else None for side in ("m", "k", "n")}
        head = {"name": self.name, "kind": "gemm" if gemm else "host", **sizes, "repeat": self.op.repeat}
        if isinstance(self.op, HostOp):
            head |= {"op": self.op.kind, "elements": self.op.elements}
        return head | _figures_json(self.figures, self.energy) | {"utilization": self.utilization}


@dataclass(frozen=True, eq=False)
class Cost:
    """What a program costs on a machine."""

    hardware: Hardware
    engine: str
    """Which engine ran."""
    program_name: str
    ops: tuple[Gemm | HostOp, ...]
    table: npt.NDArray[np.int64]
    """(layers, figures), columns as in `FIGURES`."""
    notes: tuple[str, ...] = ()
    """What the reader must know to read the numbers: masks the machine could not use, engines that did not apply."""

    @cached_property
    def figures(self) -> dict[str, int]:
        """Totals over the layers, by the names of `FIGURES`."""
        return dict(zip(FIGURES, self.table.sum(axis=0).tolist(), strict=True))

    @property
    def cycles(self) -> int:
        """From the first operation's begin to the last one's end."""
        return self.figures["cycles"]

    @property
    def latency_ms(self) -> float:
        """The same in time."""
        return self.cycles / self.hardware.clock_khz

    @property
    def utilization(self) -> float:
        """Executed MACs per processing element and cycle, in [0, 1]."""
        return _utilization(self.figures, self.hardware)

    @cached_property
    def energy_by_layer(self) -> Energy:
        """Each component an array (layers,)."""
        from hw_models.energy import price

        counts = {name: self.table[:, COLUMN[name]] for name in COUNTED}
        return price(Counts(macs=self._macs_by_format(), **counts), self.hardware)

    @cached_property
    def energy(self) -> Energy:
        """Sums over the layers."""
        parts = (getattr(self.energy_by_layer, field.name) for field in fields(Energy))
        return Energy(*(float(np.sum(part)) for part in parts))

    @cached_property
    def area(self) -> Area:
        """Of the array and its memories."""
        from hw_models.energy import area

        return area(self.hardware)

    @cached_property
    def layers(self) -> tuple[LayerCost, ...]:
        """One entry an operation; made when asked for."""
        names = [field.name for field in fields(Energy)]
        shape = (len(self.ops),)
        parts = [np.broadcast_to(getattr(self.energy_by_layer, name), shape).tolist() for name in names]
        rows = zip(self.ops, self.table.tolist(), *parts, strict=True)
        return tuple(
            LayerCost(op, self.hardware, dict(zip(FIGURES, row, strict=True)), Energy(*energy))
            for op, row, *energy in rows
        )

    def as_dict(self) -> dict[str, Any]:  # Any: JSON
        """The contract's JSON of `simulate`."""
        from importlib.metadata import version

        area = self.area
        return {
            "hardware": self.hardware.model_dump(mode="json"),
            "engine": self.engine,
            "version": version("codesign"),
            "program": self.program_name,
            "latency_ms": self.latency_ms,
            "utilization": self.utilization,
            **_figures_json(self.figures, self.energy),
            "energy_source": self._energy_source(),
            "area_mm2": {"array": area.array_mm2, "sram": area.sram_mm2, "total": area.total_mm2},
            "notes": list(self.notes),
            "layers": [layer.as_dict() for layer in self.layers],
        }

    def _energy_source(self) -> dict[str, Any]:  # Any: JSON
        from hw_models.energy import prices_of

        chosen = self.hardware.energy
        return {"table": chosen.table, "node_nm": chosen.node_nm, "source": prices_of(self.hardware).source}

    def frame(self) -> pd.DataFrame:
        """One row a layer; energies as columns `mac_pj` and so on."""
        import pandas as pd

        rows = []
        for layer in self.as_dict()["layers"]:
            energy, bounds = layer.pop("energy_pj"), layer.pop("bounds")
            layer |= {f"{part}_pj": value for part, value in energy.items()}
            rows.append(layer | {f"bound_{name}": value for name, value in bounds.items()})
        return pd.DataFrame(rows)

    def _macs_by_format(self) -> dict[Formats, npt.NDArray[np.int64]]:
        done = self.table[:, COLUMN["macs"]] - self.table[:, COLUMN["macs_skipped"]]
        formats = [formats_of(op, self.hardware) if isinstance(op, Gemm) else None for op in self.ops]
        present = set(formats) - {None}
        if len(present) <= 1:
            return {one: done for one in present if one is not None}
        return {one: np.where([other == one for other in formats], done, 0) for one in sorted(filter(None, present))}


def formats_of(gemm: Gemm, hardware: Hardware) -> Formats:
    """(activation, weight) formats in which a product is computed: its own where it says so, else the machine's."""
    return (
        gemm.activation_format or hardware.array.activation_format,
        gemm.weight_format or hardware.array.weight_format,
    )


def _utilization(figures: Mapping[str, int], hardware: Hardware) -> float:
    places = hardware.array.rows * hardware.array.cols * hardware.arrays
    if figures["cycles"] == 0:
        return 0.0
    return (figures["macs"] - figures["macs_skipped"]) / (figures["cycles"] * places)


def _figures_json(figures: Mapping[str, int], energy: Energy) -> dict[str, Any]:  # Any: JSON
    """The keys that layers and totals share."""
    plain = {name: value for name, value in figures.items() if not name.startswith("bound_")}
    buffers = ("activation", "weight", "output")
    return plain | {
        "sram_read_bytes": sum(figures[f"{buffer}_sram_read_bytes"] for buffer in buffers),
        "sram_write_bytes": sum(figures[f"{buffer}_sram_write_bytes"] for buffer in buffers),
        "energy_pj": energy.as_dict(),
        "bounds": {
            "compute_cycles": figures["bound_compute_cycles"],
            "memory_cycles": figures["bound_memory_cycles"],
        },
    }
