"""How units hand things to each other: a queue and a count of permits that cost an event only where someone waits.

SimPy's own Store and Resource schedule two events for each hand-over; a pass is handed over three times.
"""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

from simpy import Environment, Event
from simpy.events import ProcessGenerator

Item = TypeVar("Item")


class Handoff(Generic[Item]):
    """A queue between one unit that puts and one that takes."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._items: deque[Item] = deque()
        self._waiting: Event | None = None

    def put(self, item: Item) -> None:
        """Never waits."""
        self._items.append(item)
        if self._waiting:
            self._waiting.succeed()
            self._waiting = None

    def take(self) -> ProcessGenerator:
        """The next item, once there is one."""
        if not self._items:
            self._waiting = self._env.event()
            yield self._waiting
        return self._items.popleft()


class Permits:
    """So many may be held at once; one unit asks, any gives back."""

    def __init__(self, env: Environment, count: int) -> None:
        self._env, self._free = env, count
        self._waiting: Event | None = None

    def take(self) -> ProcessGenerator:
        """One permit, once there is one."""
        if not self._free:
            self._waiting = self._env.event()
            yield self._waiting
        self._free -= 1

    def give_back(self) -> None:
        """Free one."""
        self._free += 1
        if self._waiting:
            self._waiting.succeed()
            self._waiting = None
