"""Off-chip memory with channels, banks and rows: what a row that is not open costs, and what refresh takes."""

from __future__ import annotations

from collections.abc import Iterator

from simpy import Environment, Event, Resource
from simpy.events import ProcessGenerator

from hw_models.hardware import Banks, Hardware
from hw_models.hardware import Dram as DramConfig
from hw_models.units.meter import Meter


class BankedDram:
    """One request at a time, in the order of asking, row by row.

    Neighbouring bursts lie on neighbouring channels, so the channels run in step and are one wide memory: a wide row
    is a row of each channel, and neighbouring wide rows lie in neighbouring banks. A row that is not open is opened
    (behind a precharge if another one is) while the row before it still streams, if that lies in another bank. A
    refresh falls due every so often; it closes all rows, and begins as soon as the memory has finished the row at work.
    """

    def __init__(self, env: Environment, config: DramConfig, banks: Banks, hardware: Hardware, meter: Meter) -> None:
        self._env, self._meter = env, meter
        self._port = Resource(env)
        self._clock_khz, self._kilobytes_per_s = hardware.clock_khz, config.kilobytes_per_s
        self._row_bytes, self._burst_bytes = banks.channels * banks.row_bytes, banks.channels * banks.burst_bytes
        self._first_byte_cycles = hardware.cycles_of_ns(config.latency_ns + banks.column_ns)
        self._activate_cycles = hardware.cycles_of_ns(banks.activate_ns)
        self._precharge_cycles = hardware.cycles_of_ns(banks.precharge_ns)
        self._interval_cycles = hardware.cycles_of_ns(banks.refresh_interval_ns)
        self._refresh_cycles = hardware.cycles_of_ns(banks.refresh_ns)
        self._open: list[int | None] = [None] * banks.banks
        self._idle_since, self._next_refresh = 0, self._interval_cycles

    def read(self, address: int, size_bytes: int) -> ProcessGenerator:
        """Until `size_bytes` have come, in whole bursts."""
        yield from self._move("read", address, size_bytes)

    def write(self, address: int, size_bytes: int) -> ProcessGenerator:
        """Until `size_bytes` are written, in whole bursts."""
        yield from self._move("write", address, size_bytes)

    def _move(self, verb: str, address: int, size_bytes: int) -> ProcessGenerator:
        with self._port.request() as turn:
            yield turn
            start = self._env.now
            hidden_cycles = 0
            first = True
            for row, bursts in self._rows(address, size_bytes):
                yield from self._refresh()
                opening = self._opening_cycles(row)
                if first:
                    opening += self._first_byte_cycles
                first = False
                stream = -(-bursts * self._burst_bytes * self._clock_khz // self._kilobytes_per_s)
                yield self._env.timeout(max(0, opening - hidden_cycles) + stream)
                hidden_cycles = stream if len(self._open) > 1 else 0
                self._idle_since = int(self._env.now)
                self._meter.add(f"dram_{verb}_bytes", bursts * self._burst_bytes)
        self._meter.span("dram", verb, start, self._env.now)

    def _rows(self, address: int, size_bytes: int) -> Iterator[tuple[int, int]]:
        """(wide row, wide bursts in it) that a request touches."""
        burst, end = address // self._burst_bytes, -(-(address + size_bytes) // self._burst_bytes)
        bursts_per_row = self._row_bytes // self._burst_bytes
        while burst < end:
            row = burst // bursts_per_row
            behind = min(end, (row + 1) * bursts_per_row)
            yield row, behind - burst
            burst = behind

    def _refresh(self) -> Iterator[Event]:
        """Those that are due; one that fell due while the memory was idle began then."""
        while self._next_refresh <= self._env.now:
            done = max(self._next_refresh, self._idle_since) + self._refresh_cycles
            if done > self._env.now:
                yield self._env.timeout(done - self._env.now)
            self._idle_since = done
            self._next_refresh += self._interval_cycles
            self._open = [None] * len(self._open)

    def _opening_cycles(self, row: int) -> int:
        """Of a row in its bank: nothing if it is open, else to activate it, behind a precharge if another one is."""
        bank = row % len(self._open)
        before, self._open[bank] = self._open[bank], row
        if before == row:
            return 0
        self._meter.add("dram_activates", 1)
        return self._activate_cycles + (0 if before is None else self._precharge_cycles)
