"""The fast engine on products without a mask: closed form, and nothing but plain Python to import.

Equal steps repeat; once the moments of two of them differ by nothing but a shift, the rest is a multiplication.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product as pairs

from hw_models.engine.recurrence import BUSY_EDGE, BUSY_END, BUSY_STREAM, END, READY, READY_NEXT, STATE, STREAM, advance
from hw_models.engine.recurrence import DMA as DMA_END
from hw_models.engine.dense_slab import dense_groups, weight_slab_bytes
from hw_models.engine.survey import Survey
from hw_models.engine.totals import Totals
from hw_models.hardware import SUM_BYTES

BUSY = (BUSY_STREAM, BUSY_EDGE, BUSY_END)
MEMORY = 4
"""How many equal steps back the run may have been in the same state: two halves of a buffer make a beat of two."""
LOOK_AHEAD = 4
"""Steps before the end of a loop that are walked one by one: fetches look two ahead, and the last slab may be short."""


def run_dense(survey: Survey) -> Totals:
    """What one repetition of a product without a mask comes to."""
    cycles, busy_cycles = _Walk(survey).run()
    product, array = survey.product, survey.hardware.array
    m, k, n = product.m, product.k, product.n
    m_slabs, k_slabs, n_slabs = survey.m.count, survey.k.count, survey.n.count
    folds = survey.folds(survey.m.slab)[0] * (m_slabs - 1) + survey.folds(survey.m.last)[0]
    tiles_k, tiles_n = -(-k // array.rows), -(-n // array.cols)
    loaded = k if array.ragged == "exact" else tiles_k * array.rows
    passes, reads, stays, moves, sums = {
        "weight_stationary": (tiles_k * tiles_n, tiles_n, loaded * tiles_n, m * tiles_k * tiles_n, tiles_k),
        "output_stationary": (k_slabs * tiles_n, tiles_n, 0, folds * k * tiles_n, k_slabs),
        "input_stationary": (tiles_k * n_slabs, n_slabs, loaded * n_slabs, folds * tiles_k * n, tiles_k),
    }[array.dataflow]
    fetched_a, fetched_w = _fetched(survey)
    selectors = weight_slab_bytes(survey, k, n, bias=False) - k * n * product.weight_bytes
    return Totals(
        cycles, busy_cycles, passes * folds, 0, k * n, k * n * folds, m * product.full_k * reads, stays * folds, moves,
        m * n * sums, n, product.full_k, selectors, 0, 0, fetched_a, fetched_w,
    )  # fmt: skip


def _fetched(survey: Survey) -> tuple[int, int]:
    """Bytes of (activations, weights) that come from DRAM, whole runs of equal slabs at a time."""
    if survey.hardware.dram is None:
        return 0, 0
    product = survey.product
    a = product.m * product.full_k * product.activation_bytes * (1 if survey.activations_stay else survey.n.count)
    w = sum(
        k_times * n_times * weight_slab_bytes(survey, k, n, bias=False)
        for k, k_times in survey.k.sizes()
        for n, n_times in survey.n.sizes()
    )
    bias = product.n * SUM_BYTES if product.bias else 0
    return a, (w + bias) * (1 if survey.weights_stay else survey.m.count)


class _Walk:
    """A run over the steps; holds the moments and what the steps of one kind take."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._rules = survey.rules()
        self._state = [0] * STATE
        self._groups = {kind: dense_groups(survey, *kind) for kind in pairs((False, True), repeat=2)}
        self._depth = survey.k.count
        self._steps = survey.outer.count * survey.inner.count * self._depth

    def run(self) -> tuple[int, int]:
        survey = self._survey
        self._state[READY] = self._prefetch(0)
        self._state[READY_NEXT] = self._state[DMA_END] = self._state[READY] + self._prefetch(1)
        self._repeat(survey.outer.count, lambda y: self._repeat(survey.inner.count, lambda x: self._output(y, x)))
        return self._state[END], self._state[BUSY_END]

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
        """The state but for its place in time, and that place, of the run and of the array alone."""
        stream, busy = self._state[STREAM], self._state[BUSY_STREAM]
        relative = tuple(v - (busy if place in BUSY else stream) for place, v in enumerate(self._state))
        return relative, stream, busy

    def _shift(self, run: int, busy: int, times: int) -> None:
        self._state = [v + times * (busy if place in BUSY else run) for place, v in enumerate(self._state)]

    def _output(self, y: int, x: int) -> None:
        """All steps of one output slab."""
        survey, depth = self._survey, self._depth
        m, n = (y, x) if survey.mapping.order == "m_outer" else (x, y)
        folds, tokens = survey.folds(survey.m.of(m))
        first = (y * survey.inner.count + x) * depth
        written = survey.m.of(m) * survey.n.of(n) * survey.product.activation_bytes if survey.hardware.dram else 0
        for k in range(depth):
            groups = self._groups[k == depth - 1, n == survey.n.count - 1]
            fetches = first + k + 2 < self._steps
            fetched = self._fetched(first + k + 2) if fetches else (0, 0)
            advance(
                self._state, self._rules, groups, 0, len(groups), 0, folds, tokens, *fetched, fetches,
                written if k == depth - 1 else 0, k == 0, k == depth - 1,
            )  # fmt: skip

    def _prefetch(self, place: int) -> int:
        """Cycles of a fetch that waits for nothing."""
        if place >= self._steps:
            return 0
        latency, clock, bandwidth = self._rules[5:8]
        return sum(latency - (-size * clock // bandwidth) for size in self._fetched(place) if size)

    def _fetched(self, place: int) -> tuple[int, int]:
        """Bytes of (activations, weights) that a step brings in."""
        survey = self._survey
        if survey.hardware.dram is None:
            return 0, 0
        outer, k = divmod(place, self._depth)
        y, x = divmod(outer, survey.inner.count)
        m, n = (y, x) if survey.mapping.order == "m_outer" else (x, y)
        activation = weight = 0
        if not survey.activations_stay or n == 0:
            activation = survey.m.of(m) * survey.reach(k) * survey.product.activation_bytes
        if not survey.weights_stay or m == 0:
            weight = weight_slab_bytes(survey, survey.k.of(k), survey.n.of(n), bias=k == 0)
        return activation, weight
