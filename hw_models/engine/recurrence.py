"""The law of docs/timing.md as one recurrence over steps: plain Python on whole numbers, which numba can compile.

Nothing here is imported by the event engine, and nothing of it is imported here.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence

# Moments of a run, in cycles; a list in Python, an int64 array when compiled.
LOADED = 0  # begin of the last load
STREAM = 1  # begin of the last stream
EDGE = 2  # when the next stream may begin
GATE = 3  # when the gate has seen all bits so far
READY = 4  # operands of this step are there
READY_NEXT = 5  # operands of the next step are there
DMA = 6  # end of the last transfer
SUMMED = 7  # all of this output's sums are in place and all its bits seen
ROOM = 8  # the output two before this one is written
ROOM_NEXT = 9  # the output before this one is written
END = 10  # the last sum in its place, the last bit seen
BUSY_STREAM = 11  # STREAM, EDGE and END of an array whose operands are always there
BUSY_EDGE = 12
BUSY_END = 13
STATE = 14  # how many there are

# A group of passes: so many, of equal load and stream; the search before the first; the others' searches are hidden.
COUNT, LOAD, STREAM_ROWS, SEARCH = 0, 1, 2, 3

# What holds for a whole run.
DOUBLE = 0  # 1: a load may begin with the stream before, 0: when the array has settled
SETTLE = 1  # cycles the array settles behind a stream
DRAIN = 2  # cycles from the end of a stream until its last sum is in place
SPACING = 3  # least cycles from stream to stream
BITMAP = 4  # 1: a gate walks a bitmap
LATENCY, CLOCK, BANDWIDTH = 5, 6, 7  # of the DRAM: cycles before a request's first byte, then bytes * CLOCK / BANDWIDTH
RULES = 8  # how many there are


def advance(
    state: MutableSequence[int],
    rules: Sequence[int],
    groups: Sequence[Sequence[int]],
    first_group: int,
    last_group: int,
    trailing: int,
    folds: int,
    tokens: int,
    fetch_activation: int,
    fetch_weight: int,
    fetches: bool,
    write: int,
    begins_output: bool,
    ends_output: bool,
) -> None:
    """One step: its passes, then the transfers that stand behind it in the DMA's list.

    Groups [first_group, last_group) run, each `folds` times as many passes with `tokens` times the stream's rows;
    `fetch_*` are the bytes of the step after next (`fetches`: there is one), `write` those of a finished output.
    """
    double, settle = rules[DOUBLE], rules[SETTLE]
    gate = max(state[READY], state[GATE])
    begin = state[READY]
    if begins_output:
        state[SUMMED] = 0
    if first_group < last_group:
        begin = max(begin, state[ROOM])
    loaded, stream, edge, entered = state[LOADED], state[STREAM], state[EDGE], 0
    busy_stream, busy_edge, busy_entered = state[BUSY_STREAM], state[BUSY_EDGE], 0
    for group in range(first_group, last_group):
        behind = groups[group][COUNT] * folds - 1
        load = groups[group][LOAD]
        rows = groups[group][STREAM_ROWS] * tokens
        held = max(rows, rules[SPACING]) + settle
        period = max(load, held) if double else load + held
        loaded = max(begin, stream if double else edge)
        if rules[BITMAP]:
            loaded = max(loaded, gate + groups[group][SEARCH] * folds)
        stream = max(loaded + load, edge) + behind * period
        if behind:
            loaded = stream - period if double else stream - load
        edge, entered, gate = stream + held, stream + rows, loaded
        busy_stream = max((busy_stream if double else busy_edge) + load, busy_edge) + behind * period
        busy_edge, busy_entered = busy_stream + held, busy_stream + rows
    gate = gate + trailing * folds if rules[BITMAP] else state[READY]
    summed = gate
    if first_group < last_group:
        summed = max(gate, entered + rules[DRAIN])
        state[LOADED], state[STREAM], state[EDGE] = loaded, stream, edge
        state[BUSY_STREAM], state[BUSY_EDGE] = busy_stream, busy_edge
        state[BUSY_END] = busy_entered + rules[DRAIN]
    state[GATE] = gate
    state[SUMMED] = max(state[SUMMED], summed)
    state[END] = max(state[END], summed)

    now = state[DMA]
    state[READY] = state[READY_NEXT]
    if fetches:
        now = max(now, gate, entered)
        for size in (fetch_activation, fetch_weight):
            if size:
                now += rules[LATENCY] + -(-size * rules[CLOCK] // rules[BANDWIDTH])
        state[READY_NEXT] = now
    if ends_output:
        if write:
            now = max(now, state[SUMMED]) + rules[LATENCY] + -(-write * rules[CLOCK] // rules[BANDWIDTH])
            state[ROOM], state[ROOM_NEXT] = state[ROOM_NEXT], now
        state[END] = max(state[END], now)
    state[DMA] = now
