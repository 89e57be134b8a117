"""Who does the work: local processes, or an existing Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from codesign.explore.complaint import unknown

TIMEOUT = "10s"
KINDS = ("local", "dask")


@contextmanager
def chosen(kind: str, scheduler: str | None) -> Iterator[Executor | None]:
    """An executor by name; None: the sweep's own local processes."""
    if kind not in KINDS:
        raise unknown("--executor", kind, KINDS)
    if kind == "local":
        if scheduler is not None:
            raise ValueError(f"--scheduler: {scheduler!r}: only --executor dask has a scheduler")
        yield None
        return
    try:
        from distributed import Client
    except ImportError as problem:
        raise ValueError("--executor dask: Dask is not installed: pip install 'codesign[dask]'") from problem
    if scheduler is None:
        raise ValueError("--executor dask: name the cluster's scheduler: --scheduler tcp://host:8786")
    try:
        client = Client(scheduler, timeout=TIMEOUT)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError) as problem:
        raise ValueError(f"--scheduler: no Dask scheduler answers at {scheduler}: {problem}") from problem
    with client, client.get_executor(retries=2, pure=False) as executor:  # type: ignore[no-untyped-call]
        yield executor
