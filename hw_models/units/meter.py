"""The meter: it watches what the units do and changes nothing; without it every cycle stays the same."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from hw_models.dataflow import Pass

COUNTED = tuple(name for name in Pass._fields if not name.endswith("_cycles"))


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
    """Counts by name; spans and levels too, if a timeline was asked for. `name` stands before its units' names."""

    def __init__(self, timeline: bool = False, name: str = "") -> None:
        self._name = name
        self._counts: defaultdict[str, int] = defaultdict(int)
        self._passes: Counter[Pass] = Counter()
        self.spans: list[Span] = []
        self.levels: list[Level] = []
        self.timeline = timeline
        self._held: defaultdict[str, int] = defaultdict(int)

    @property
    def counts(self) -> Counter[str]:
        """What was counted so far; `passes` and, summed over them, the whole numbers of `Pass`."""
        total = Counter(self._counts)
        for tile, times in self._passes.items():
            total["passes"] += times
            for name in COUNTED:
                total[name] += times * getattr(tile, name)
        return total

    def add(self, name: str, amount: int) -> None:
        """Count."""
        self._counts[name] += amount

    def executed(self, tile: Pass) -> None:
        """A pass that has streamed; equal ones are added up when the counts are read."""
        self._passes[tile] += 1

    def span(self, unit: str, name: str, start: float, end: float) -> None:
        """A slice of the timeline; SimPy's clock is a float that holds whole cycles."""
        if self.timeline:
            self.spans.append(Span(self._name + unit, name, int(start), int(end)))

    def fill(self, buffer: str, cycle: float, size_bytes: int) -> None:
        """Bytes that came into a buffer, or left it if negative."""
        if self.timeline and size_bytes:
            self._held[buffer] += size_bytes
            self.levels.append(Level(self._name + buffer, int(cycle), self._held[buffer]))
