"""A run over the steps of a product without a mask, at a DRAM that remembers rows and time."""

from __future__ import annotations

from collections.abc import Callable

from hw_models.engine.fast.dense_slab import weight_slab_bytes
from hw_models.engine.fast.dense_walk import Walk
from hw_models.engine.fast.recurrence import ACTIVATES, READ_BYTES, WRITTEN_BYTES, banked_request
from hw_models.engine.fast.survey import Survey


class BankedWalk(Walk):
    """Every step is walked, and every request has an address."""

    def __init__(self, survey: Survey) -> None:
        super().__init__(survey)
        self._memory = survey.memory()
        self._weights, self._outputs = self._lay_out_weights()

    def traffic(self, fetched_bytes: int) -> tuple[int, int, int]:
        """In whole bursts."""
        return self._memory[READ_BYTES], self._memory[WRITTEN_BYTES], self._memory[ACTIVATES]

    def _lay_out_weights(self) -> tuple[dict[tuple[int, int], tuple[int, int]], int]:
        """(address, bytes) of each (k, n) slab, column of slabs by column of slabs, and where the outputs begin."""
        survey, product = self._survey, self._survey.product
        address, spans = product.m * product.full_k * product.activation_bytes, {}
        for n in range(survey.n.count):
            for k in range(survey.k.count):
                size = weight_slab_bytes(survey, survey.k.of(k), survey.n.of(n), bias=k == 0)
                spans[k, n] = address, size
                address += size
        return spans, address

    def _repeat(self, count: int, body: Callable[[int], None]) -> None:
        for x in range(count):
            body(x)

    def _fetch(self, step: int, now: int) -> int:
        survey, product = self._survey, self._survey.product
        m, k, n = self._place(step)
        if not (survey.activations_stay and n):
            tokens = survey.m.of(m)
            before = m * survey.m.slab * product.full_k + tokens * product.reach(0, k * survey.k.slab)
            size = tokens * survey.reach(k) * product.activation_bytes
            now = banked_request(self._memory, self._rules, now, before * product.activation_bytes, size, READ_BYTES)
        if not (survey.weights_stay and m):
            now = banked_request(self._memory, self._rules, now, *self._weights[k, n], READ_BYTES)
        return now

    def _write(self, m: int, n: int, now: int) -> int:
        survey, product = self._survey, self._survey.product
        tokens = survey.m.of(m)
        before = m * survey.m.slab * product.n + tokens * n * survey.n.slab
        address = self._outputs + before * product.activation_bytes
        size = tokens * survey.n.of(n) * product.activation_bytes
        return banked_request(self._memory, self._rules, now, address, size, WRITTEN_BYTES)

    def _request_cycles(self, size: int) -> int:
        return 0  # of no use here: what a request takes depends on what was open
