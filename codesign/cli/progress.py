"""Progress on stderr: a line that moves on a terminal, a line now and then where it goes to a file."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codesign.rows import Row

QUIET_S = 10.0  # between lines of a log


class Progress:
    """How far, how fast, what came last."""

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self._start = self._last = time.monotonic()
        self._new = 0
        self._moves = sys.stderr.isatty()

    def __enter__(self) -> Progress:
        print(f"{self._wanted} designs", file=sys.stderr)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._moves and self._new:
            print(file=sys.stderr)
        if kind is KeyboardInterrupt:
            print("stopped; every finished row is on disk: the same command goes on from here", file=sys.stderr)

    def step(self, row: Row, done: int, wanted: int) -> None:
        """A row has come."""
        self._new += 1
        now = time.monotonic()
        if row.error:
            self._say(f"failed: {row.workload}, {row.hardware}: {row.error}", end="\n")
        if self._moves or done == wanted or now - self._last > QUIET_S:
            self._last = now
            left = (now - self._start) / self._new * (wanted - done)
            self._say(f"{done}/{wanted}  {_told(row)}  about {left:.0f} s left", end="" if self._moves else "\n")

    def _say(self, text: str, end: str) -> None:
        print(f"\r\033[K{text}" if self._moves else text, end=end, file=sys.stderr, flush=True)


def _told(row: Row) -> str:
    quality = "" if row.quality is None else f" {row.quality_metric} {row.quality:.4g}"
    speed = "" if row.speedup is None else f" speed-up {row.speedup:.3f}"
    return f"{row.workload} {row.method}+{row.repair} {row.pruned_ratio:g} on {row.hardware}:{quality}{speed}"
