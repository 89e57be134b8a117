"""The DMA engine: a list of transfers, worked off in order, each waiting for its turn in the buffers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from simpy import Environment, Event
from simpy.events import ProcessGenerator

from hw_models.units.dram import Dram
from hw_models.units.meter import Meter


@dataclass(frozen=True, slots=True)
class Transfer:
    """One entry of the list."""

    waits_for: tuple[Event, ...]
    """The half it fills has been left, or the sums it writes are complete."""
    reads: tuple[tuple[Literal["activation", "weight"], int], ...]
    """(buffer, bytes) to fetch; nothing is asked for where there are no bytes."""
    write_bytes: int
    """Of finished outputs."""
    done: Event


class Dma:
    """In order, so that a request never overtakes one asked for before: a smaller transfer can delay none."""

    def __init__(self, env: Environment, dram: Dram, meter: Meter) -> None:
        self._env, self._dram, self._meter = env, dram, meter

    def run(self, transfers: Iterable[Transfer]) -> ProcessGenerator:
        """Work off the list."""
        for transfer in transfers:
            for event in transfer.waits_for:
                yield event
            for buffer, size_bytes in transfer.reads:
                if size_bytes:
                    yield from self._fetch(buffer, size_bytes)
            if transfer.write_bytes:
                yield from self._dram.write(transfer.write_bytes)
            transfer.done.succeed()

    def _fetch(self, buffer: str, size_bytes: int) -> ProcessGenerator:
        start = self._env.now
        yield from self._dram.read(size_bytes)
        self._meter.add(f"{buffer}_sram_write_bytes", size_bytes)
        self._meter.fill(f"{buffer} buffer", self._env.now, size_bytes)
        self._meter.span("dma", f"{buffer} slab", start, self._env.now)
