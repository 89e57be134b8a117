"""The law of docs/timing.md as one recurrence over steps: plain Python on whole numbers, which numba can compile.

Nothing here is imported by the event engine, and nothing of it is imported here.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Row = list[int] | npt.NDArray[np.int64]
"""Whole numbers: a list in plain Python, an array when compiled."""
Rows = list[tuple[int, int, int, int]] | npt.NDArray[np.int64]

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
LATENCY, CLOCK, BANDWIDTH = 5, 6, 7  # of the DRAM: cycles before the first byte, then bytes * CLOCK / BANDWIDTH
BANKS = 8  # 0: a flat memory, and nothing below
ROW_BYTES, BURST_BYTES = 9, 10  # of all channels together
ACTIVATE, PRECHARGE = 11, 12  # cycles to open a row, and to close another one before
INTERVAL, REFRESH = 13, 14  # cycles from refresh to refresh, and of one
RULES = 15  # how many there are

# What a banked memory remembers; behind these, for each bank, its open row + 1 (0: none).
IDLE_SINCE, NEXT_REFRESH, ACTIVATES, READ_BYTES, WRITTEN_BYTES, OPEN = 0, 1, 2, 3, 4, 5


def work(
    state: Row,
    rules: Row,
    groups: Rows,
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
            loaded = max(loaded, gate + groups[group][SEARCH])
        stream = max(loaded + load, edge) + behind * period
        if behind:
            loaded = stream - period if double else stream - load
        edge, entered, gate = stream + held, stream + rows, loaded
        busy_stream = max((busy_stream if double else busy_edge) + load, busy_edge) + behind * period
        busy_edge, busy_entered = busy_stream + held, busy_stream + rows
    gate = gate + trailing if bitmap else state[READY]
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


def may_fetch(state: Row) -> int:
    """When the operands of the step after next may be asked for: the DMA is free, and the array has left this step."""
    return max(state[DMA], state[LEFT])


def fetched(state: Row, now: int) -> None:
    """They have come."""
    state[DMA] = state[READY_NEXT] = now


def may_write(state: Row) -> int:
    """When a finished output may be written: the DMA is free, and its sums are in place."""
    return max(state[DMA], state[SUMMED])


def written(state: Row, now: int) -> None:
    """It is."""
    state[ROOM], state[ROOM_NEXT] = state[ROOM_NEXT], now
    state[DMA] = now
    state[END] = max(state[END], now)


def flat_request(rules: Row, now: int, size: int) -> int:
    """End of a request for `size` bytes made at `now`; nothing is asked for where there are none."""
    if size == 0:
        return now
    return now + rules[LATENCY] - (-size * rules[CLOCK] // rules[BANDWIDTH])


def banked_request(memory: Row, rules: Row, now: int, address: int, size: int, counter: int) -> int:
    """The same at an address of a memory with banks; `counter` is where it counts bytes, whole bursts of them."""
    if size == 0:
        return now
    burst, row_bursts = address // rules[BURST_BYTES], rules[ROW_BYTES] // rules[BURST_BYTES]
    end = -(-(address + size) // rules[BURST_BYTES])
    wait, hidden = rules[LATENCY], 0
    while burst < end:
        while memory[NEXT_REFRESH] <= now:
            memory[IDLE_SINCE] = max(memory[NEXT_REFRESH], memory[IDLE_SINCE]) + rules[REFRESH]
            now = max(now, memory[IDLE_SINCE])
            memory[NEXT_REFRESH] += rules[INTERVAL]
            for bank in range(rules[BANKS]):
                memory[OPEN + bank] = 0
        row = burst // row_bursts
        bank = OPEN + row % rules[BANKS]
        if memory[bank] != row + 1:
            wait += rules[ACTIVATE] + (rules[PRECHARGE] if memory[bank] else 0)
            memory[bank] = row + 1
            memory[ACTIVATES] += 1
        behind = min(end, (row + 1) * row_bursts)
        size = (behind - burst) * rules[BURST_BYTES]
        stream = -(-size * rules[CLOCK] // rules[BANDWIDTH])
        now += max(0, wait - hidden) + stream
        wait, hidden = 0, stream if rules[BANKS] > 1 else 0
        memory[IDLE_SINCE] = now
        memory[counter] += size
        burst = behind
    return now
