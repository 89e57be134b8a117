"""The meter: it watches what the units do and changes nothing; without it every cycle stays the same."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """Something a unit did, from one cycle to another."""

    unit: str
    name: str
    start_cycle: int
    end_cycle: int


@dataclass(frozen=True, slots=True)
class Level:
    """How many bytes a buffer holds from a cycle on."""

    buffer: str
    cycle: int
    size_bytes: int


class Meter:
    """Counts by name; spans and levels too, if a timeline was asked for."""

    def __init__(self, timeline: bool = False) -> None:
        self.counts: defaultdict[str, int] = defaultdict(int)
        self.spans: list[Span] = []
        self.levels: list[Level] = []
        self._timeline = timeline
        self._held: defaultdict[str, int] = defaultdict(int)

    def add(self, name: str, amount: int) -> None:
        """Count."""
        self.counts[name] += amount

    def span(self, unit: str, name: str, start_cycle: int, end_cycle: int) -> None:
        """A slice of the timeline."""
        if self._timeline:
            self.spans.append(Span(unit, name, start_cycle, end_cycle))

    def fill(self, buffer: str, cycle: int, size_bytes: int) -> None:
        """Bytes that came into a buffer, or left it if negative."""
        if self._timeline and size_bytes:
            self._held[buffer] += size_bytes
            self.levels.append(Level(buffer, cycle, self._held[buffer]))
