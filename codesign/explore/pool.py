"""Local worker processes: as many as asked, each with its share of the cores, gone when their parent is gone."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import connection, get_context, parent_process

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def cores() -> int:
    """Cores that this process may use, which in a container are fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def local_pool(workers: int) -> ProcessPoolExecutor:
    """Fresh processes (spawned: a fork would copy the parent's threads' locks)."""
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_begin)


@contextmanager
def thread_share(workers: int) -> Iterator[None]:
    """While workers are started: each takes cores / workers threads for BLAS and torch, so that they do not fight.

    The libraries read these names when they are loaded, which is before any code of ours runs in a worker.
    """
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, str(max(1, cores() // workers))))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _begin() -> None:
    """A worker whose parent was killed would wait for work for ever: it leaves instead."""
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
