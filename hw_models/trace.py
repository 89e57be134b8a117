"""A timeline that ui.perfetto.dev opens: a track for each unit, a slice for each pass or burst, buffers' fill."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hw_models.engine.event import Watch, run_one
from hw_models.hardware import Hardware
from hw_models.program import Program

Event = dict[str, Any]  # Any: JSON
PROCESS = 1
OPERATIONS = "operations"
OVERLAPPING = ("array drain",)
"""Units whose slices may lie over each other; drawn as asynchronous events."""


def write_trace(program: Program, hardware: Hardware, path: str | Path) -> None:
    """Run `program` on the event engine and write its timeline as Chrome trace events.

    An operation with `repeat` is drawn once, in the place of its first repetition; the next one begins when all
    repetitions are over.
    """
    target = Path(path)
    try:
        with target.open("w", encoding="utf-8") as file:
            file.write('{"displayTimeUnit": "ns", "traceEvents": [\n')
            for place, event in enumerate(trace_events(program, hardware)):
                file.write((",\n" if place else "") + json.dumps(event, allow_nan=False))
            file.write("\n]}\n")
    except OSError as error:
        raise ValueError(f"trace: cannot write {target}: {error.strerror}") from None


def trace_events(program: Program, hardware: Hardware) -> Iterator[Event]:
    """Chrome trace events, times in microseconds; https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU."""
    tracks: dict[str, int] = {}
    begin = 0
    yield {"ph": "M", "pid": PROCESS, "name": "process_name", "args": {"name": f"{program.name} on {hardware.name}"}}
    yield from _name_track(OPERATIONS, tracks)
    for op in program.ops:
        watch = Watch(hardware, timeline=True)
        cycles = run_one(op, hardware, watch)["cycles"]
        about = {"cycles": cycles, "repeat": op.repeat}
        yield _slice(OPERATIONS, op.name, begin, begin + cycles * op.repeat, tracks, hardware) | {"args": about}
        for meter in (watch.shared, *watch.arrays):
            for span in meter.spans:
                if span.unit not in tracks:
                    yield from _name_track(span.unit, tracks)
                yield from _span(
                    span.unit, span.name, begin + span.start_cycle, begin + span.end_cycle, tracks, hardware
                )
            for level in meter.levels:
                yield {
                    "ph": "C", "pid": PROCESS, "name": f"{level.buffer} buffer",
                    "ts": _us(begin + level.cycle, hardware), "args": {"bytes": level.size_bytes},
                }  # fmt: skip
        begin += cycles * op.repeat


def _name_track(unit: str, tracks: dict[str, int]) -> Iterator[Event]:
    tracks[unit] = len(tracks) + 1
    yield {"ph": "M", "pid": PROCESS, "tid": tracks[unit], "name": "thread_name", "args": {"name": unit}}


def _span(unit: str, name: str, start: int, end: int, tracks: dict[str, int], hardware: Hardware) -> Iterator[Event]:
    whole = _slice(unit, name, start, end, tracks, hardware)
    if not unit.endswith(OVERLAPPING):
        yield whole
        return
    both = {"pid": PROCESS, "tid": tracks[unit], "name": name, "cat": unit, "id": f"{unit} {start}"}
    yield both | {"ph": "b", "ts": whole["ts"]}
    yield both | {"ph": "e", "ts": whole["ts"] + whole["dur"]}


def _slice(unit: str, name: str, start: int, end: int, tracks: dict[str, int], hardware: Hardware) -> Event:
    return {
        "ph": "X", "pid": PROCESS, "tid": tracks[unit], "name": name,
        "ts": _us(start, hardware), "dur": _us(end - start, hardware),
    }  # fmt: skip


def _us(cycles: int, hardware: Hardware) -> float:
    return cycles * 1000 / hardware.clock_khz
