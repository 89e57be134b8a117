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
LEFT = 11  # the array and the gate have left this step's operands
BUSY_STREAM = 12  # STREAM, EDGE and END of an array whose operands are always there
BUSY_EDGE = 13
BUSY_END = 14
STATE = 15  # how many there are

# A group of passes: so many, of equal load and stream; the search before the first; the others' searches are hidden.
COUNT, LOAD, STREAM_ROWS, SEARCH = 0, 1, 2, 3

# What holds for a whole run.
DOUBLE = 0  # 1: a load may begin with the stream before, 0: when the array has settled
SETTLE = 1  # cycles the array settles behind a stream
DRAIN = 2  # cycles from the end of a stream until its last sum is in place
SPACING = 3  # least cycles from stream to stream
BITMAP = 4  # 1: a gate walks a bitmap
LATENCY, CLOCK, BANDWIDTH = 5, 6, 7  # of the DRAM: LATENCY + bytes * CLOCK / BANDWIDTH cycles for a request
RULES = 8  # how many there are


def work(
    state: MutableSequence[int],
    rules: Sequence[int],
    groups: Sequence[Sequence[int]],
    first_group: int,
    last_group: int,
    trailing: int,
    folds: int,
    tokens: int,
    begins_output: bool,
) -> None:
    """The passes of one step: groups [first_group, last_group), each `folds` times as many passes as it says, with
    `tokens` times the rows of its stream.
    """
    double, settle, spacing, bitmap = rules[DOUBLE], rules[SETTLE], rules[SPACING], rules[BITMAP]
    gate = max(state[READY], state[GATE])
    begin = max(state[READY], state[ROOM])
    loaded, stream, edge, entered = state[LOADED], state[STREAM], state[EDGE], 0
    busy_stream, busy_edge, busy_entered = state[BUSY_STREAM], state[BUSY_EDGE], 0
    for group in range(first_group, last_group):
        behind = groups[group][COUNT] * folds - 1
        load = groups[group][LOAD]
        rows = groups[group][STREAM_ROWS] * tokens
        held = max(rows, spacing) + settle
        period = max(load, held) if double else load + held
        loaded = max(begin, stream if double else edge)
        if bitmap:
            loaded = max(loaded, gate + groups[group][SEARCH] * folds)
        stream = max(loaded + load, edge) + behind * period
        if behind:
            loaded = stream - period if double else stream - load
        edge, entered, gate = stream + held, stream + rows, loaded
        busy_stream = max((busy_stream if double else busy_edge) + load, busy_edge) + behind * period
        busy_edge, busy_entered = busy_stream + held, busy_stream + rows
    gate = gate + trailing * folds if bitmap else state[READY]
    summed = gate
    if first_group < last_group:
        summed = max(gate, entered + rules[DRAIN])
        state[LOADED], state[STREAM], state[EDGE] = loaded, stream, edge
        state[BUSY_STREAM], state[BUSY_EDGE] = busy_stream, busy_edge
        state[BUSY_END] = busy_entered + rules[DRAIN]
    state[GATE] = gate
    state[LEFT] = max(gate, entered)
    state[SUMMED] = summed if begins_output else max(state[SUMMED], summed)
    state[END] = max(state[END], summed)


def move(state: MutableSequence[int], fetches: bool, fetch_cycles: int, write_cycles: int) -> None:
    """The transfers behind one step in the DMA's list: operands of the step after next (`fetches`: there is one),
    then the output that this step ends (`write_cycles` > 0).
    """
    now = state[DMA]
    state[READY] = state[READY_NEXT]
    if fetches:
        now = max(now, state[LEFT]) + fetch_cycles
        state[READY_NEXT] = now
    if write_cycles:
        now = max(now, state[SUMMED]) + write_cycles
        state[ROOM], state[ROOM_NEXT] = state[ROOM_NEXT], now
        state[END] = max(state[END], now)
    state[DMA] = now
