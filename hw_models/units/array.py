"""The systolic array: register sets that one operand is loaded into, and the edge where the other streams in."""

from __future__ import annotations

from simpy import Environment, Event
from simpy.events import ProcessGenerator

from hw_models.dataflow import Pass
from hw_models.hardware import Hardware
from hw_models.units.handoff import Handoff, Permits
from hw_models.units.meter import Meter


class Array:
    """Loads and streams one pass after the other; how far they overlap is a matter of two numbers.

    A double buffered processing element has two registers for the operand that stays, so the next pass may load
    while this one streams. Where nothing travels with the wavefront (`serial`, `double_buffered_global`) the array
    settles for its depth behind a stream before anything is swapped.
    """

    def __init__(self, env: Environment, hardware: Hardware, meter: Meter) -> None:
        array = hardware.array
        self._env, self._meter = env, meter
        self._registers = Permits(env, 2 if array.overlap.startswith("double_buffered") else 1)
        self._loaded: Handoff[tuple[Pass, Event | None]] = Handoff(env)
        self._settle_cycles = 0 if array.overlap in ("wavefront", "double_buffered") else array.depth_cycles
        self._drain_cycles = array.depth_cycles + array.sram_read_cycles + array.accumulate_cycles
        env.process(self._stream())

    def load(self, tile: Pass, begins: Event | None, entered: Event | None) -> ProcessGenerator:
        """Wait for a free set of registers, then bring in what stays, and leave the rest to the stream.

        `begins` tells the tile gate to look on, `entered` that the pass has streamed.
        """
        yield from self._registers.take()
        if begins:
            begins.succeed()
        if tile.load_cycles:
            start = self._env.now
            yield self._env.timeout(tile.load_cycles)
            self._meter.span("array load", "load", start, self._env.now)
        self._loaded.put((tile, entered))

    def drain(self, entered: Event, summed: Event) -> ProcessGenerator:
        """From the end of a stream until its last sum stands in the accumulators."""
        yield entered
        start = self._env.now
        yield self._env.timeout(self._drain_cycles)
        self._meter.span("array drain", "drain", start, self._env.now)
        summed.succeed()

    def _stream(self) -> ProcessGenerator:
        """One pass after the other enters the array; it frees its registers when the next may take its place."""
        while True:
            tile, entered = yield from self._loaded.take()
            start = self._env.now
            yield self._env.timeout(tile.stream_cycles)
            self._meter.span("array stream", "stream", start, self._env.now)
            self._meter.executed(tile)
            if entered:
                entered.succeed()
            behind = tile.spacing_cycles - tile.stream_cycles + self._settle_cycles
            if behind:
                yield self._env.timeout(behind)
            self._registers.give_back()
