"""The tile gate: it walks the live-tile bitmap one pass ahead of the array."""

from __future__ import annotations

from simpy import Environment, Event
from simpy.events import ProcessGenerator

from hw_models.dataflow import Pass, Walk
from hw_models.units.handoff import Handoff
from hw_models.units.meter import Meter


class TileGate:
    """Searches while the array loads and streams; costs time only where a gap outlasts what hides it."""

    def __init__(self, env: Environment, meter: Meter) -> None:
        self._env, self._meter = env, meter
        self.found: Handoff[tuple[Pass, Event]] = Handoff(env)
        """(pass, the event that its load begins), in order."""

    def walk(self, walk: Walk) -> ProcessGenerator:
        """Find each pass of a step; the next search begins when the load of the one found begins."""
        for tile in walk.passes:
            if tile.search_cycles:
                yield from self._look(tile.search_cycles)
            load_begins = Event(self._env)
            self.found.put((tile, load_begins))
            yield load_begins
        yield from self._look(walk.trailing_cycles)

    def _look(self, cycles: int) -> ProcessGenerator:
        if cycles:
            start = self._env.now
            yield self._env.timeout(cycles)
            self._meter.span("tile gate", "search", start, self._env.now)
