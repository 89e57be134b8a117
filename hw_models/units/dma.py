"""The DMA engine: a list of transfers, worked off in order, each waiting for its turn in the buffers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from simpy import Environment, Event
from simpy.events import ProcessGenerator

from hw_models.traffic import Span
from hw_models.units.dram import Dram
from hw_models.units.meter import Meter

BufferName = Literal["activation", "weight"]


@dataclass(frozen=True, slots=True)
class Transfer:
    """One entry of the list."""

    waits_for: tuple[Event, ...]
    """The half it fills has been left, or the sums it writes are complete."""
    reads: tuple[tuple[BufferName, Span], ...]
    """What to fetch into which buffer; nothing is asked for where there are no bytes."""
    write: Span
    """Finished outputs."""
    done: Event


class Dma:
    """In order, so that a request never overtakes one asked for before: a smaller transfer can delay none."""

    def __init__(self, env: Environment, dram: Dram, meter: Meter) -> None:
        self._env, self._dram, self._meter = env, dram, meter

    def run(self, transfers: Iterable[Transfer]) -> ProcessGenerator:
        """Work off the list."""
        for transfer in transfers:
            yield from transfer.waits_for
            for buffer, span in transfer.reads:
                if span.size_bytes:
                    yield from self._fetch(buffer, span)
            if transfer.write.size_bytes:
                yield from self._dram.write(*transfer.write)
            transfer.done.succeed()

    def _fetch(self, buffer: BufferName, span: Span) -> ProcessGenerator:
        start = self._env.now
        yield from self._dram.read(*span)
        self._meter.add(f"{buffer}_sram_write_bytes", span.size_bytes)
        self._meter.fill(buffer, self._env.now, span.size_bytes)
        self._meter.span("dma", f"{buffer} slab", start, self._env.now)
