"""The systolic array: register sets that an operand is loaded into, and the edge where the other streams in."""

from __future__ import annotations

from simpy import Environment, Event, Resource
from simpy.events import ProcessGenerator

from hw_models.dataflow import Pass
from hw_models.hardware import Hardware
from hw_models.units.meter import Meter


class Array:
    """Loads and streams one pass after the other; how far they overlap is a matter of two numbers.

    A double buffered processing element has two registers for the operand that stays, so the next pass may load
    while this one streams. Where nothing travels with the wavefront (`serial`, `double_buffered_global`) the array
    settles for `depth` cycles behind a stream before anything is swapped.
    """

    def __init__(self, env: Environment, hardware: Hardware, meter: Meter) -> None:
        overlap = hardware.array.overlap
        self._env, self._meter = env, meter
        self._registers = Resource(env, capacity=2 if overlap.startswith("double_buffered") else 1)
        self._edge = Resource(env)
        self._settle_cycles = 0 if overlap in ("wavefront", "double_buffered") else hardware.array.depth_cycles
        self.drain_cycles = (
            hardware.array.depth_cycles + hardware.array.sram_read_cycles + hardware.array.accumulate_cycles
        )
        """From the end of a stream until its last sum stands in the accumulators."""

    def load(self, tile: Pass, begins: Event) -> ProcessGenerator:
        """Wait for a free set of registers, then bring in what stays; `begins` tells the gate to look on."""
        tile_registers = self._registers.request()
        yield tile_registers
        start = self._env.now
        begins.succeed()
        if tile.load_cycles:
            yield self._env.timeout(tile.load_cycles)
            self._meter.span("array load", "load", start, self._env.now)
        return tile_registers

    def stream(self, tile: Pass, tile_registers: Event) -> ProcessGenerator:
        """Stream once the edge is free; ends with the last row's entry, the array frees itself behind it."""
        turn = self._edge.request()
        yield turn
        start = self._env.now
        yield self._env.timeout(tile.stream_cycles)
        self._meter.span("array stream", "stream", start, self._env.now)
        self._count(tile)
        busy_still = tile.spacing_cycles - tile.stream_cycles + self._settle_cycles
        if busy_still:
            self._env.process(self._settle(busy_still, turn, tile_registers))
        else:
            self._free(turn, tile_registers)

    def _settle(self, cycles: int, turn: Event, tile_registers: Event) -> ProcessGenerator:
        yield self._env.timeout(cycles)
        self._free(turn, tile_registers)

    def _free(self, turn: Event, tile_registers: Event) -> None:
        self._edge.release(turn)
        self._registers.release(tile_registers)

    def _count(self, tile: Pass) -> None:
        add = self._meter.add
        add("passes", 1)
        add("macs_done", tile.macs)
        add("activation_sram_read_bytes", tile.activation_read_bytes)
        add("weight_sram_read_bytes", tile.weight_read_bytes)
        add("activation_register_writes", tile.activation_register_writes)
        add("weight_register_writes", tile.weight_register_writes)
        add("sum_register_writes", tile.sum_register_writes)
        add("sums", tile.sums)
        add("fresh_sums", tile.fresh_sums)
