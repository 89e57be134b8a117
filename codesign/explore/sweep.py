"""A sweep: every design of a space, by many workers, into one store, going on where it stopped."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path

from codesign.explore.choices import check_pruning, design_key
from codesign.explore.design import Design
from codesign.explore.evaluate import Outcome, evaluate_some, failed
from codesign.explore.pool import cores, local_pool, thread_share
from codesign.explore.store import Store
from codesign.rows import Row

CHUNK = 64
"""Designs of one plan that a worker takes at once: enough to spread what a task costs, few enough to see progress."""
PATIENCE_S = 1.0
"""A worker that has been at a job for longer hands in what it has."""
TRIES = 3
"""How often a job is begun whose worker died (of memory, most often) before its designs become rows with `error`."""

Watch = Callable[[Row, int, int], None]
"""Called with each new row, rows done, rows wanted."""


@dataclass(frozen=True)
class Job:
    """Designs with one plan, which one worker makes once."""

    designs: tuple[Design, ...]
    tries: int = 0


@dataclass(frozen=True)
class Summary:
    """What a sweep did."""

    wanted: int
    found: int  # rows that were there before
    failed: int  # of the new rows


def sweep(
    designs: Iterable[Design],
    folder: Path,
    executor: Executor | None = None,
    workers: int | None = None,
    watch: Watch | None = None,
    retry_errors: bool = False,
    layers: bool = True,
    beside: Mapping[str, bytes] | None = None,
) -> Summary:
    """Evaluate what the store does not hold yet. Returns once every design has its row on disk.

    Any `concurrent.futures.Executor` does the work (a Dask client's too); this process alone writes. `layers`: keep
    figures by layer too, without which some figures of a report are missing; a large sweep of machines is twice as
    fast without. `beside`: files that lie beside the rows, by name. Raises ValueError, and writes nothing, where a
    design names a method, a repair or an option that there is none of.
    """
    wanted = {design_key(design): design for design in designs}
    check_pruning(wanted.values())
    store = Store(folder)
    try:
        for name, content in (beside or {}).items():
            store.write_aside(name, content)
        done = store.keys & wanted.keys()
        if retry_errors:
            done -= _failed_keys(folder)
        jobs = deque(grouped(design for key, design in wanted.items() if key not in done))
        count, failures = len(done), 0
        for outcomes in _results(jobs, executor, workers or cores(), layers):
            for outcome in outcomes:
                for name, content in outcome.aside.items():
                    store.write_aside(name, content)
            for row in store.append([outcome.row for outcome in outcomes], replace=retry_errors):
                count, failures = count + 1, failures + (row.error is not None)
                if watch is not None:
                    watch(row, count, len(wanted))
        return Summary(len(wanted), len(done), failures)
    finally:
        store.close()


def grouped(designs: Iterable[Design]) -> Iterator[Job]:
    """Jobs of one plan each, in the order in which the plans came."""
    plans: dict[str, list[Design]] = {}
    for design in designs:
        plans.setdefault(design.plan_key(), []).append(design)
    for group in plans.values():
        for start in range(0, len(group), CHUNK):
            yield Job(tuple(group[start : start + CHUNK]))


def _failed_keys(folder: Path) -> set[str]:
    from codesign.rows.frame import read

    rows = read(folder)
    return set(rows.loc[rows["error"].notna(), "key"])


def _results(jobs: deque[Job], executor: Executor | None, workers: int, layers: bool) -> Iterator[list[Outcome]]:
    """Outcomes as they come; without an executor, from local processes."""
    if not jobs:
        return
    if executor is not None:
        yield from _spread(jobs, executor, workers, layers)
        return
    with thread_share(workers):
        while jobs:  # a pool whose worker died is broken as a whole: the rest goes to a new one
            alone = jobs[0].tries == TRIES - 1  # the last try is alone, so that nobody is blamed for a neighbour
            with local_pool(1 if alone else workers) as pool:
                yield from _spread(deque([jobs.popleft()]) if alone else jobs, pool, workers, layers, jobs)


def _spread(
    jobs: deque[Job], executor: Executor, workers: int, layers: bool, again: deque[Job] | None = None
) -> Iterator[list[Outcome]]:
    """Keep every worker busy, and no more than that in flight; jobs whose worker died go to the end of `again`."""
    flying: dict[Future[list[Outcome]], Job] = {}
    broken = False
    while flying or (jobs and not broken):
        while jobs and not broken and len(flying) < 2 * workers:
            job = jobs.popleft()
            try:
                flying[executor.submit(evaluate_some, job.designs, PATIENCE_S, layers)] = job
            except BrokenProcessPool:  # a worker died since the last answer came
                if again is None:
                    raise
                broken = True
                again.appendleft(job)
        ready, _ = wait(flying, return_when=FIRST_COMPLETED)
        for future in ready:
            job = flying.pop(future)
            problem = future.exception()
            if problem is None:
                outcomes = future.result()
                if len(outcomes) < len(job.designs):
                    jobs.appendleft(replace(job, designs=job.designs[len(outcomes) :]))
                yield outcomes
            elif isinstance(problem, BrokenProcessPool) and again is not None and job.tries < TRIES - 1:
                broken = True
                again.append(replace(job, tries=job.tries + 1))
            else:
                broken = broken or isinstance(problem, BrokenProcessPool)
                yield [failed(design, f"its worker died: {problem}") for design in job.designs]
