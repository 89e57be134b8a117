"""The parts of a machine, each a frozen, checked description."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from hw_models.program import Format

Overlap = Literal["serial", "wavefront", "double_buffered", "double_buffered_global"]

FORMAT_BYTES: dict[str, int] = {"int8": 1, "fp16": 2, "bf16": 2, "fp32": 4}
SUM_BYTES = 4  # partial sums are int32 behind int8 x int8, fp32 behind everything else

Count = Annotated[int, Field(ge=1, le=1 << 24)]
Side = Annotated[int, Field(ge=1, le=1 << 16)]
Cycles = Annotated[int, Field(ge=0, le=1 << 20)]
Positive = Annotated[float, Field(gt=0, le=1e6)]


class Part(BaseModel):
    """What every part of a machine obeys: frozen, no unknown field, no NaN, no silent conversion."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, strict=True, use_attribute_docstrings=True, defer_build=True
    )


class Array(Part):
    """The systolic array: R rows on the reduction side, C columns on the output side."""

    rows: Side
    """R: the reduction side (K); on an output stationary array, tokens (M)."""
    cols: Side
    """C: the output side (N); on an input stationary array, tokens (M)."""
    dataflow: str = "weight_stationary"
    """Which operand stays: weight_stationary, output_stationary, input_stationary, or one that a package adds."""
    overlap: Overlap = "double_buffered"
    """What of the next pass may run beside this one; docs/timing.md has the law of each."""
    activation_format: Format = "fp32"
    """What a processing element multiplies and the buffers hold of activations."""
    weight_format: Format = "int8"
    """The same of the other operand; a product computed at run time (scores, context) takes it too."""
    pe_stages: Annotated[int, Field(ge=1, le=64)] = 1
    """L: partial-sum registers of a processing element, one behind the other."""
    ragged: Literal["full", "exact"] = "full"
    """`full`: a short tile loads R rows like any other (as in SCALE-Sim); `exact`: only those it has."""
    port_bits: Count | None = None
    """Bits a cycle of the ports that bring the operands; null: a whole row comes each cycle."""
    sram_read_cycles: Cycles = 0
    """From address to operand; 1 in the RTL."""
    accumulate_cycles: Cycles = 0
    """From the last sum to its place in the accumulators; 1 in the RTL."""

    @field_validator("dataflow")
    @classmethod
    def _dataflow_exists(cls, name: str) -> str:
        from hw_models.dataflow import dataflow_of

        dataflow_of(name)
        return name

    @model_validator(mode="after")
    def _overlap_exists(self) -> Self:
        if self.dataflow == "output_stationary" and self.overlap not in ("serial", "double_buffered"):
            raise ValueError(
                f"overlap: {self.overlap!r} needs weights that are loaded; "
                "an output_stationary array takes serial or double_buffered"
            )
        return self

    @property
    def depth_cycles(self) -> int:
        """D: from an operand's entry at the top left to the last sum at the bottom right (docs/timing.md)."""
        if self.dataflow == "output_stationary":
            return self.rows + self.cols - 2 + self.pe_stages - 1
        return self.rows * self.pe_stages + self.cols - 2


class Sparsity(Part):
    """What of a mask the machine can use."""

    kind: Literal["none", "tile_skip", "row_skip", "n_m"] = "tile_skip"
    """`tile_skip`: a bitmap, dead granules cost no pass; `row_skip`: a list of live rows for each column of tiles,
    packed on the array; `n_m`: at most `n` of `m` neighbours along the reduction live, stored compressed."""
    scan_bits: Count = 64
    """Bits of the bitmap that the tile gate looks at in a cycle."""
    n: Count = 2
    """Of `n_m`: how many may live."""
    m: Count = 4
    """Of `n_m`: among how many."""

    @model_validator(mode="after")
    def _some_survive(self) -> Self:
        if self.n > self.m:
            raise ValueError(f"n: {self.n} of every m = {self.m} can not live; n must be at most m")
        return self


class Buffer(Part):
    """An on-chip memory in two halves: one is filled or emptied while the array uses the other."""

    size_kib: Annotated[float, Field(gt=0, le=1 << 20)]
    """Both halves together."""
    banks: Count = 2
    """Banks; a half of the memory is a half of the banks."""
    width_bits: Count | None = None
    """Bits a bank gives or takes in a cycle; null: as many as the array asks for."""

    @property
    def half_bytes(self) -> int:
        """What one slab may fill."""
        return int(self.size_kib * 1024) // 2

    @property
    def bits_per_cycle(self) -> int | None:
        """What a half gives in a cycle; None: no limit."""
        return None if self.width_bits is None else self.width_bits * max(1, self.banks // 2)


class Buffers(Part):
    """The scratchpads of an array."""

    activation: Buffer
    """Operand A: tokens by reduction."""
    weight: Buffer
    """Operand B: reduction by outputs, with bitmap and bias."""
    output: Buffer
    """Partial sums, 4 bytes each."""


class Banks(Part):
    """What a DRAM of channels and banks adds to a steady stream: rows opened, closed and refreshed."""

    channels: Count
    """Channels, each with its banks; neighbouring bursts go to neighbouring channels."""
    banks: Count
    """Banks of a channel."""
    row_bytes: Count
    """Bytes of an open row."""
    burst_bytes: Count
    """Smallest transfer."""
    activate_ns: Positive
    """tRCD: from activate to column command."""
    precharge_ns: Positive
    """tRP: to close a row."""
    column_ns: Positive
    """tCL: from column command to data."""
    refresh_interval_ns: Positive
    """tREFI: a refresh falls due this often."""
    refresh_ns: Positive
    """tRFC: how long a refresh blocks the channel."""

    @model_validator(mode="after")
    def _rows_hold_bursts(self) -> Self:
        if self.row_bytes % self.burst_bytes:
            raise ValueError(
                f"row_bytes: a row of {self.row_bytes} bytes does not hold whole bursts of {self.burst_bytes}"
            )
        return self


class Dram(Part):
    """Off-chip memory: one port, a latency for each request, then a steady stream."""

    kind: Literal["ddr3", "ddr4", "lpddr4", "lpddr5", "hbm2"] = "lpddr4"
    """What the energy table calls it."""
    bandwidth_gb_s: Positive
    """Peak, 10^9 bytes a second."""
    latency_ns: Annotated[float, Field(ge=0, le=1e6)] = 0.0
    """From request to first byte."""
    banks: Banks | None = None
    """Rows, banks and refresh; null: a flat memory."""

    @property
    def kilobytes_per_s(self) -> int:
        """The bandwidth as a whole number, so that transfers divide exactly."""
        return max(1, round(self.bandwidth_gb_s * 1e6))


class Dma(Part):
    """Loosely coupled: a DMA engine fills scratchpads from DRAM by a fixed list."""

    kind: Literal["dma"] = "dma"


class CpuInstruction(Part):
    """Tightly coupled, as in SASP: an in-order core feeds the array word by word with custom instructions.

    Cycles are those of gem5's MinorCPU as SASP's released manual sets it up: memory unit 1 with 2 of latency behind it,
    FP add 6, custom instructions 1, L2 20. A word waits for its load, and its loop takes an addition and a branch.
    """

    kind: Literal["cpu_instruction"]
    word_bits: Annotated[int, Field(ge=1, le=1024)] = 32
    """Bits that one instruction moves."""
    load_cycles: Cycles = 3
    """From a load's issue until its value may be used, in the first level."""
    store_cycles: Cycles = 1
    custom_cycles: Cycles = 1
    """Write a weight word, queue an activation word, or stream: each one instruction."""
    add_cycles: Cycles = 6
    """A partial sum added to the one in memory."""
    loop_cycles: Cycles = 2
    """Index and branch for each word of weights or activations."""
    test_cycles: Cycles = 3
    """Shift, test and branch for each bit of the bitmap."""
    l1_kib: Annotated[float, Field(gt=0, le=1 << 20)] = 32.0
    """First level of the data cache."""
    l2_kib: Annotated[float, Field(gt=0, le=1 << 20)] = 1024.0
    """Second level."""
    line_bytes: Count = 64
    """Of both."""
    l2_cycles: Cycles = 20
    """That a line from the second level takes; the core waits."""


Coupling = Annotated[Dma | CpuInstruction, Field(discriminator="kind")]


class Host(Part):
    """The core beside the array: softmax, norms, activations."""

    kind: Literal["scalar", "simd", "vector_unit"] = "scalar"
    """An in-order core, one with SIMD lanes, or a vector unit beside the array; units/host.py has the model of each."""
    clock_mhz: Positive | None = None
    """Its own clock; null: the array's."""
    lanes: Count = 4
    """fp32 lanes of a SIMD core or a vector unit; a scalar core has one whatever stands here."""
    scale: Positive = 1.0
    """Factor on its work: 0.5 and 2 show how much a result leans on the model of the host."""


class EnergyTable(Part):
    """Which energy and area table prices the counts."""

    table: Literal["horowitz", "aladdin", "sg13g2", "hwcomponents"] = "horowitz"
    """A table that ships (`sg13g2`: our RTL, synthesised), or the optional back-end; two are never mixed."""
    node_nm: Literal[130, 45, 28, 22, 7] = 28
    """Logic node; DRAM does not scale with it. `sg13g2` is measured at 130 nm, and only it."""
    accelergy: str | None = None
    """An Accelergy ERT or ART file (YAML v0.4) whose figures override the table's; null: none."""

    @model_validator(mode="after")
    def _node_exists(self) -> Self:
        if (self.table == "sg13g2") != (self.node_nm == 130):
            raise ValueError(
                f"node_nm: {self.node_nm}: table sg13g2 has 130 nm and nothing else, the others 45, 28, 22, 7"
            )
        return self
