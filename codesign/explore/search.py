"""Search: where a space is too large to sweep, spend a budget of evaluations where the front may be."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from codesign.explore.aside import wishes_files
from codesign.explore.attempt import Attempt, attempt, finished
from codesign.explore.evaluate import Outcome
from codesign.explore.pool import cores, local_pool, thread_share
from codesign.explore.proposals import Proposal, Study
from codesign.explore.space import Space
from codesign.explore.store import Store
from codesign.rows import Row
from codesign.rows.frame import rows_by_key
from codesign.rows.objective import objectives
from codesign.rows.pareto import Losses

PROPOSALS_PER_EVALUATION = 50
"""A search ends when it has proposed so many times its budget: what is left of the space is beaten or known."""

Watch = Callable[[str, Attempt, int, int], None]
"""(sampler, attempt, evaluations done, budget)."""


@dataclass
class Search:
    """One sampler's way through a space. Its state lies in the store, and it goes on from there."""

    space: Space
    store: Store
    sampler: str
    budget: int
    seed: int = 0
    screened: bool = True  # skip what is beaten at its best; the baseline does not
    watch: Watch = lambda *_: None
    known: dict[str, Row] = field(default_factory=dict)  # rows of the store, whoever made them

    def run(self, executor: Executor, workers: int) -> None:
        """Propose and evaluate until the budget is spent. Rows of the store cost nothing and count all the same."""
        self.known = rows_by_key(self.store.folder)
        study = Study.open(self.store.folder, self.space, self.sampler, self.seed)
        wishes, limits = self.space.objectives, self.space.constraints
        flying: dict[Future[Attempt], Proposal] = {}
        while self._goes_on(study):
            while len(flying) < min(workers, self.budget - study.evaluations) and self._goes_on(study):
                proposal = study.propose()
                if proposal.key in study.seen or proposal.key in {other.key for other in flying.values()}:
                    study.tell_again(proposal)
                elif proposal.key in self.known:
                    self._take(study, proposal, self._from_store(proposal.key))
                else:
                    flying[executor.submit(attempt, proposal.design, wishes, limits, self._bar(study))] = proposal
            for future in wait(flying, return_when=FIRST_COMPLETED).done if flying else ():
                self._take(study, flying.pop(future), future.result())

    def _goes_on(self, study: Study) -> bool:
        return study.evaluations < self.budget and study.proposals < PROPOSALS_PER_EVALUATION * self.budget

    def _bar(self, study: Study) -> Losses:
        """What a proposal must not be beaten by: nothing, where nothing is screened."""
        return study.best() if self.screened else np.empty((0, len(self.space.objectives)))

    def _from_store(self, key: str) -> Attempt:
        wishes = tuple(objectives()[name] for name in self.space.objectives)
        return finished(Outcome(self.known[key]), wishes, self.space.constraints)

    def _take(self, study: Study, proposal: Proposal, found: Attempt) -> None:
        if found.outcome is not None and found.key not in self.known:
            for name, content in found.outcome.aside.items():
                self.store.write_aside(name, content)
            self.store.append([found.outcome.row])
            self.known[found.key] = found.outcome.row
        study.tell(proposal, found)
        self.watch(self.sampler, found, study.evaluations, self.budget)


def search(
    space: Space,
    folder: Path,
    budget: int,
    samplers: tuple[str, ...] = ("random", "tpe"),
    seed: int = 0,
    workers: int | None = None,
    watch: Watch = lambda *_: None,
) -> None:
    """Run each sampler with the same budget into one store; `random` is the baseline and screens nothing.

    Raises ValueError for an unknown sampler, and where no design of the space meets its conditions.
    """
    store = Store(folder)
    count = workers or cores()
    try:
        for name, content in wishes_files(space).items():
            store.write_aside(name, content)
        with thread_share(count), local_pool(count) as pool:
            for sampler in samplers:
                Search(space, store, sampler, budget, seed, sampler != "random", watch).run(pool, count)
    finally:
        store.close()
