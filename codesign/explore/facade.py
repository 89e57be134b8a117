"""The five verbs of the Python interface: `codesign.load_workload`, `prune`, `evaluate`, `lower`, `sweep`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesign.explore.design import Design, Scalar
from codesign.explore.space import Space
from codesign.explore.stages import evaluate, lower
from codesign.explore.stages import prune as _prune

if TYPE_CHECKING:
    import pandas as pd

    from codesign.pruning import PrunePlan
    from codesign.workloads import Workload

__all__ = ["evaluate", "load_workload", "lower", "prune", "sweep"]


def load_workload(name: str, **options: Scalar) -> Workload:
    """A workload that ships or that a package brings; its options are its own (`codesign ls workloads`)."""
    from codesign.workloads import load

    return load(name, **options)


def prune(
    workload: Workload,
    method: str = "magnitude",
    ratio: float = 0.0,
    block: tuple[int, int] | None = None,
    scope: str = "default",
    ranking: str = "global",
    repair: str = "none",
    seed: int = 0,
    options: Mapping[str, Scalar] | None = None,
    repair_options: Mapping[str, Scalar] | None = None,
) -> PrunePlan:
    """A plan for the workload's model, which is not touched: `plan.apply(workload.model)` is a pruned copy.

    `block` is (rows, cols) of an (out, in) weight. Raises ValueError for names and values that will not do.
    """
    from codesign.pruning import Block, PruneSpec

    spec = PruneSpec(
        method=method, ratio=ratio, block=Block(*block) if block else None, scope=scope, ranking=ranking,  # type: ignore[arg-type]  # PruneSpec checks it
        repair=repair, seed=seed, options=options or {}, repair_options=repair_options or {},
    )  # fmt: skip
    return _prune(workload, spec)


def sweep(
    space: Space | Mapping[str, Any] | str | Path | Iterable[Design],
    store: str | Path,
    executor: Executor | None = None,
    workers: int | None = None,
) -> pd.DataFrame:
    """Every design of the space, into the store, which it continues; all rows of the store come back.

    `space`: a Space, what a space file would hold, such a file, or designs. `executor`: any
    `concurrent.futures.Executor`, a Dask client's included; none: local processes.
    """
    from codesign.explore.aside import wishes_files
    from codesign.explore.sweep import sweep as run
    from codesign.rows.frame import read

    if isinstance(space, str | Path):
        space = Space.load(Path(space))
    elif isinstance(space, Mapping):
        space = Space.of(space)
    designs, beside = (space.designs(), wishes_files(space)) if isinstance(space, Space) else (space, None)
    run(designs, Path(store), executor, workers, beside=beside)
    return read(Path(store))
