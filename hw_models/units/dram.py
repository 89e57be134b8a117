"""Off-chip memory, flat: one port, a fixed latency, then a steady stream."""

from __future__ import annotations

from typing import Protocol

from simpy import Environment, Resource
from simpy.events import ProcessGenerator

from hw_models.hardware import Dram as DramConfig
from hw_models.hardware import Hardware
from hw_models.units.meter import Meter


class Dram(Protocol):
    """What a DRAM does: one request at a time, in the order of asking, from its begin to its last byte."""

    def read(self, address: int, size_bytes: int) -> ProcessGenerator:
        """Until `size_bytes` have come."""

    def write(self, address: int, size_bytes: int) -> ProcessGenerator:
        """Until `size_bytes` are written."""


class FlatDram:
    """The address makes no difference."""

    def __init__(self, env: Environment, config: DramConfig, hardware: Hardware, meter: Meter) -> None:
        self._env, self._meter = env, meter
        self._port = Resource(env)
        self._latency_cycles = hardware.cycles_of_ns(config.latency_ns)
        self._clock_khz = hardware.clock_khz
        self._kilobytes_per_s = config.kilobytes_per_s

    def read(self, address: int, size_bytes: int) -> ProcessGenerator:
        """Until `size_bytes` have come."""
        yield from self._move("read", size_bytes)

    def write(self, address: int, size_bytes: int) -> ProcessGenerator:
        """Until `size_bytes` are written."""
        yield from self._move("write", size_bytes)

    def _move(self, verb: str, size_bytes: int) -> ProcessGenerator:
        with self._port.request() as turn:
            yield turn
            start = self._env.now
            stream_cycles = -(-size_bytes * self._clock_khz // self._kilobytes_per_s)
            yield self._env.timeout(self._latency_cycles + stream_cycles)
        self._meter.add(f"dram_{verb}_bytes", size_bytes)
        self._meter.span("dram", verb, start, self._env.now)
