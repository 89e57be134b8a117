"""Right or wrong: what a run of the RTL must equal, and one sentence where it does not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rtl.bench.icarus import Outcome, Trial
from rtl.bench.model import cost


def mismatches(trials: Sequence[Trial], outcomes: Sequence[Outcome]) -> list[str]:
    """One sentence for each run whose numbers, cycles or passes are not those of numpy and `hw_models`."""
    found = [complaint(trial, outcome) for trial, outcome in zip(trials, outcomes, strict=True)]
    return [sentence for sentence in found if sentence]


def complaint(trial: Trial, outcome: Outcome) -> str | None:
    """None: equal in every bit and every cycle."""
    job = trial.job
    what = f"{job.a.shape}@{job.b.shape} on {job.machine}, {job.overlap}, {job.ragged}, mask {job.mask is not None}"
    if outcome.error or outcome.results is None:
        return f"{what}: error {outcome.error:05b}"
    model = cost(job)
    if (outcome.busy_cycles, outcome.counted_cycles) != (model.cycles, model.cycles):
        return f"{what}: {outcome.busy_cycles} cycles (counter {outcome.counted_cycles}), hw_models says {model.cycles}"
    if outcome.passes != model.figures["passes"]:
        return f"{what}: {outcome.passes} passes, hw_models says {model.figures['passes']}"
    same = outcome.results.view(np.uint32) == job.expected().view(np.uint32)
    if not same.all():
        return f"{what}: {int((~same).sum())} of {same.size} results are not numpy's"
    return None
