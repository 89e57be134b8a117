"""What a machine is: its parts put together and checked, and the one place where YAML becomes an object."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, model_validator

from hw_models.machine_file import explain, merge, read_machine
from hw_models.parts import (
    FORMAT_BYTES,
    SUM_BYTES,
    Array,
    Banks,
    Buffer,
    Buffers,
    Coupling,
    CpuInstruction,
    Dma,
    Dram,
    EnergyTable,
    Host,
    Overlap,
    Part,
    Positive,
    Sparsity,
)  # fmt: skip

__all__ = [
    "FORMAT_BYTES", "SUM_BYTES", "Array", "Banks", "Buffer", "Buffers", "CpuInstruction", "Dma", "Dram", "EnergyTable",
    "Hardware", "Host", "Overlap", "Sparsity",
]  # fmt: skip


class Hardware(Part):
    """A machine, whole: what a result names so that its cycles mean something."""

    name: str
    description: str = ""
    """What it stands for, and where its numbers come from."""
    sources: tuple[str, ...] = Field(default=(), strict=False)
    """Where each number was read."""
    clock_mhz: Positive
    """Clock of the array; every cycle count is in its cycles."""
    array: Array
    arrays: Annotated[int, Field(ge=1, le=1024)] = 1
    """Arrays sharing the DRAM; output columns are divided among them."""
    sparsity: Sparsity = Sparsity()
    buffers: Buffers | None = None
    """Null only beside `dram: null`: every operand starts and ends in SRAM."""
    dram: Dram | None = None
    coupling: Coupling = Dma()
    host: Host = Host()
    energy: EnergyTable = EnergyTable()

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        if self.dram is not None and self.buffers is None and self.coupling.kind == "dma":
            raise ValueError("buffers: a DMA between DRAM and array needs activation, weight and output buffers")
        if self.sparsity.kind == "row_skip" and self.array.dataflow != "weight_stationary":
            raise ValueError("sparsity.kind: row_skip packs rows of weights that stay: it needs weight_stationary")
        if self.sparsity.kind == "n_m" and self.array.dataflow == "input_stationary":
            raise ValueError("sparsity.kind: n_m needs weights or sums that stay, not input_stationary")
        if self.coupling.kind == "cpu_instruction":
            self._core_feeds_array()
        if self.dram is not None and self.dram.banks is not None:
            banks = self.dram.banks
            if self.cycles_of_ns(banks.refresh_ns) >= self.cycles_of_ns(banks.refresh_interval_ns):
                raise ValueError("dram.banks.refresh_ns: a refresh must end before the next falls due")
        return self

    def _core_feeds_array(self) -> None:
        if (self.array.dataflow, self.array.overlap, self.arrays) != ("weight_stationary", "serial", 1):
            raise ValueError("coupling: cpu_instruction feeds one weight_stationary array, serial, and no other")
        if self.sparsity.kind not in ("none", "tile_skip"):
            raise ValueError("coupling: with cpu_instruction, sparsity.kind is none or tile_skip (a bitmap in memory)")
        if self.dram is None:
            raise ValueError("coupling: cpu_instruction needs a dram behind its caches")

    @classmethod
    def load(cls, source: str | Path) -> Hardware:
        """A machine that ships, by name, or one in a file (.yaml, or a SCALE-Sim .cfg).

        Raises ValueError with one sentence: which file, which field, what came, what would do.
        """
        path = Path(source)
        if path.suffix == ".cfg":
            from hw_models.compat.scalesim import hardware_of

            return hardware_of(path)
        where, fields = read_machine(source)
        return cls._checked(fields, where)

    def with_(self, **overrides: Any) -> Hardware:  # Any: whatever the field holds; validation says no
        """The same machine with fields changed, by dotted name: `with_(**{"array.rows": 32})`.

        `array.size` sets rows and cols. Everything is validated again.
        """
        return self._checked(merge(self.model_dump(), overrides, self.name), self.name)

    @classmethod
    def _checked(cls, fields: dict[str, Any], where: str) -> Hardware:
        try:
            return cls.model_validate(fields)
        except ValidationError as error:
            raise ValueError(explain(error, where, cls)) from None

    @cached_property
    def clock_khz(self) -> int:
        """The clock as a whole number, so that times divide exactly."""
        return max(1, round(self.clock_mhz * 1000))

    def cycles_of_ns(self, time_ns: float) -> int:
        """Whole cycles that cover a time."""
        return -(-round(time_ns * 1000) * self.clock_khz // 1_000_000_000)

    def __hash__(self) -> int:
        return hash(self.digest)

    @cached_property
    def digest(self) -> str:
        """The whole description as one string: what results are cached by."""
        return self.model_dump_json()
