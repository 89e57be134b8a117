"""A run over the steps of a product without a mask.

Equal steps repeat; once the moments of two of them differ by nothing but a shift, the rest is a multiplication.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product as pairs

from hw_models.engine.fast.dense_slab import dense_groups, weight_slab_bytes
from hw_models.engine.fast.recurrence import (
    BUSY_END,
    BUSY_STREAM,
    DMA,
    END,
    READY,
    READY_NEXT,
    ROOM,
    ROOM_NEXT,
    STATE,
    STREAM,
    fetched,
    flat_request,
    may_fetch,
    may_write,
    work,
    written,
)  # fmt: skip
from hw_models.engine.fast.survey import Survey

MEMORY = 4
"""How many equal steps back the run may have been in the same state: two halves of a buffer make a beat of two."""
LOOK_AHEAD = 4
"""Steps before the end of a loop that are walked one by one: fetches look two ahead, and the last slab may be short."""


class Walk:
    """A run over the steps; holds the moments, and what the steps of each kind take."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._m_outer = survey.mapping.order == "m_outer"
        self._rules = survey.rules()
        self._state = [0] * STATE
        self._depth = survey.k.count
        self._last_m, self._last_n = survey.m.count - 1, survey.n.count - 1
        self._steps = survey.outer.count * survey.inner.count * self._depth
        kinds = list(pairs((False, True), repeat=2))
        self._groups = {(last_k, last_n): dense_groups(survey, last_k, last_n) for last_k, last_n in kinds}
        self._folds = [survey.folds(survey.m.slab), survey.folds(survey.m.last)]
        self._fetches = {
            (last_m, last_n, k): self._fetch_cycles(last_m, last_n, k)
            for last_m, last_n in kinds
            for k in {0, self._depth // 2, self._depth - 1}
        }
        self._writes = {(last_m, last_n): self._write_cycles(last_m, last_n) for last_m, last_n in kinds}

    def run(self) -> tuple[int, int]:
        """(cycles, busy cycles) of one repetition."""
        survey, state = self._survey, self._state
        fetched(state, self._fetch(0, 0))
        state[READY] = state[DMA]
        if self._steps > 1:
            fetched(state, self._fetch(1, state[DMA]))
        self._repeat(survey.outer.count, lambda y: self._repeat(survey.inner.count, lambda x: self._output(y, x)))
        return self._state[END], self._state[BUSY_END]

    def traffic(self, fetched_bytes: int) -> tuple[int, int, int]:
        """(bytes read, bytes written, rows opened) at the DRAM."""
        product = self._survey.product
        return fetched_bytes, product.m * product.n * product.activation_bytes, 0

    def _repeat(self, count: int, body: Callable[[int], None]) -> None:
        """`body(0) ... body(count - 1)`, jumping over what only repeats."""
        past: list[tuple[tuple[int, ...], int, int]] = []
        x = 0
        while x < count:
            body(x)
            x += 1
            left = count - LOOK_AHEAD - x
            if x < 2 or left < 1:
                continue
            now = self._moment()
            for period, (relative, stream, busy) in enumerate(past, 1):
                if relative == now[0] and left >= period:
                    self._shift(now[1] - stream, now[2] - busy, left // period)
                    x += left // period * period
                    past = []
                    break
            past = [now, *past[: MEMORY - 1]]

    def _moment(self) -> tuple[tuple[int, ...], int, int]:
        """The state but for its place in time, and that place: of the run, and of the array alone."""
        state = self._state
        for room in (ROOM, ROOM_NEXT):  # what was written before the operands came delays nothing any more
            state[room] = max(state[room], state[READY])
        stream, busy = state[STREAM], state[BUSY_STREAM]
        run, alone = [v - stream for v in state[:BUSY_STREAM]], [v - busy for v in state[BUSY_STREAM:]]
        return (*run, *alone), stream, busy

    def _shift(self, run: int, busy: int, times: int) -> None:
        for place in range(STATE):
            self._state[place] += times * (busy if place >= BUSY_STREAM else run)

    def _output(self, y: int, x: int) -> None:
        """All steps of one output slab."""
        m, n = (y, x) if self._m_outer else (x, y)
        first = (y * self._survey.inner.count + x) * self._depth
        self._repeat(self._depth, lambda k: self._step(first, m, k, n))
        if self._survey.hardware.dram:
            written(self._state, self._write(m, n, may_write(self._state)))

    def _step(self, first: int, m: int, k: int, n: int) -> None:
        """One step of the output slab whose first is number `first`."""
        state = self._state
        groups = self._groups[k == self._depth - 1, n == self._last_n]
        folds, tokens = self._folds[m == self._last_m]
        work(state, self._rules, groups, 0, len(groups), 0, folds, tokens, k == 0)
        state[READY] = state[READY_NEXT]
        if first + k + 2 < self._steps:
            fetched(state, self._fetch(first + k + 2, may_fetch(state)))

    def _place(self, step: int) -> tuple[int, int, int]:
        """(m, k, n) slab of a step."""
        output, k = divmod(step, self._depth)
        y, x = divmod(output, self._survey.inner.count)
        return (y, k, x) if self._m_outer else (x, k, y)

    def _fetch(self, step: int, now: int) -> int:
        """End of the requests, made at `now`, for what a step brings in."""
        m, k, n = self._place(step)
        kind = k if k in (0, self._depth - 1) else self._depth // 2
        activation, weight = self._fetches[m == self._last_m, n == self._last_n, kind]
        if not (self._survey.activations_stay and n):
            now += activation
        if not (self._survey.weights_stay and m):
            now += weight
        return now

    def _write(self, m: int, n: int, now: int) -> int:
        """End of the request, made at `now`, that writes an output."""
        return now + self._writes[m == self._last_m, n == self._last_n]

    def _fetch_cycles(self, last_m: bool, last_n: bool, k: int) -> tuple[int, int]:
        survey = self._survey
        m, n = survey.m.last if last_m else survey.m.slab, survey.n.last if last_n else survey.n.slab
        activation = m * survey.reach(k) * survey.product.activation_bytes
        weight = weight_slab_bytes(survey, survey.k.of(k), n, bias=k == 0)
        return self._request_cycles(activation), self._request_cycles(weight)

    def _write_cycles(self, last_m: bool, last_n: bool) -> int:
        survey = self._survey
        m, n = survey.m.last if last_m else survey.m.slab, survey.n.last if last_n else survey.n.slab
        return self._request_cycles(m * n * survey.product.activation_bytes)

    def _request_cycles(self, size: int) -> int:
        if self._survey.hardware.dram is None:
            return 0
        return flat_request(self._rules, 0, size)
