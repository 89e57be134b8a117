"""What a sampler proposes and is told: an Optuna study on disk, and beside it its way through the space in JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from codesign.explore import axes
from codesign.explore.attempt import Attempt
from codesign.explore.choices import design_key
from codesign.explore.complaint import unknown
from codesign.explore.design import Design
from codesign.explore.space import Space
from codesign.rows.pareto import Losses, front

if TYPE_CHECKING:
    import optuna

SAMPLERS = ("tpe", "nsga2", "nsga3", "random")
FOLDER = "search"
MISSES = 10_000
"""Draws in a row that break a condition, after which the space is taken to be empty."""


@dataclass(frozen=True)
class Proposal:
    """A design, and the trial that it answers."""

    trial: optuna.Trial
    design: Design
    key: str


@dataclass
class Study:
    """An Optuna study that is told only what is known: losses of finished rows, or the best that could have come."""

    space: Space
    sampler: str
    path: Path  # of the way through the space
    optuna: optuna.Study
    steps: list[dict[str, object]] = field(default_factory=list)  # the way: key, kind, losses, feasible

    @classmethod
    def open(cls, folder: Path, space: Space, sampler: str, seed: int) -> Study:
        """Begin, or go on where it stopped: one study for each sampler, seed and content of the space."""
        try:
            import optuna
        except ImportError as problem:
            raise ValueError("search: Optuna is not installed: pip install 'codesign[search]'") from problem
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        content = hashlib.sha256(space.model_dump_json().encode()).hexdigest()[:8]
        name = f"{sampler}-{seed}-{content}"
        (folder / FOLDER).mkdir(parents=True, exist_ok=True)
        study = optuna.create_study(
            storage=JournalStorage(JournalFileBackend(str(folder / FOLDER / f"{name}.optuna"))),
            sampler=_sampler(sampler, seed), study_name=name, directions=["minimize"] * len(space.objectives),
            load_if_exists=True,
        )  # fmt: skip
        for trial in study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.RUNNING,)):
            study.tell(trial.number, state=optuna.trial.TrialState.FAIL)  # what was under way when it was killed
        told = [trial.user_attrs["step"] for trial in study.get_trials(deepcopy=False) if "step" in trial.user_attrs]
        return cls(space, sampler, folder / FOLDER / f"{name}.json", study, told)

    @property
    def evaluations(self) -> int:
        """Rows asked for so far: what a budget counts."""
        return sum(step["kind"] in ("judged", "failed") for step in self.steps)

    @property
    def proposals(self) -> int:
        """Trials so far, whatever became of them."""
        return len(self.optuna.get_trials(deepcopy=False))

    @property
    def seen(self) -> dict[str, dict[str, object]]:
        """The way so far, by key."""
        return {str(step["key"]): step for step in self.steps}

    def best(self) -> Losses:
        """(rows, objectives) losses on the front of what this sampler has found."""
        found = [step["losses"] for step in self.steps if step["kind"] == "judged" and step["feasible"]]
        points = np.array(found, dtype=float).reshape(-1, len(self.space.objectives))
        return points[front(points)]

    def propose(self) -> Proposal:
        """The next design that meets the space's conditions."""
        from optuna.trial import TrialState

        for _ in range(MISSES):
            trial = self.optuna.ask()
            design = self.space.design(axes.draw(self.space.tree, _chooser(trial)))
            if self.space.allows(design):
                return Proposal(trial, design, design_key(design))
            self.optuna.tell(trial, state=TrialState.FAIL)
        raise ValueError(f"space: of {MISSES} designs drawn none meets the conditions {', '.join(self.space.where)}")

    def tell(self, proposal: Proposal, found: Attempt) -> None:
        """What became of a proposal."""
        step = {"key": found.key, "kind": found.kind, "losses": list(found.losses), "feasible": found.feasible}
        self._answer(proposal, step)
        self.steps.append(step)
        way = {"sampler": self.sampler, "objectives": self.space.objectives, "steps": self.steps}
        self.path.write_text(json.dumps(way))

    def tell_again(self, proposal: Proposal) -> None:
        """The sampler has proposed what it knows, or what is under way: the same answer or none, and no step."""
        from optuna.trial import TrialState

        if proposal.key in self.seen:
            self._answer(proposal, self.seen[proposal.key])
        else:
            self.optuna.tell(proposal.trial, state=TrialState.FAIL)

    def _answer(self, proposal: Proposal, step: dict[str, object]) -> None:
        from optuna.trial import TrialState

        proposal.trial.set_constraint("constraints", -1.0 if step["feasible"] else 1.0)
        values = step["losses"]
        assert isinstance(values, list)
        finite = [min(max(value, -1e300), 1e300) for value in values]
        if step is not self.seen.get(proposal.key):
            proposal.trial.set_user_attr("step", step)
        if values:
            self.optuna.tell(proposal.trial, finite)
        else:
            self.optuna.tell(proposal.trial, state=TrialState.FAIL)


def _chooser(trial: optuna.Trial) -> axes.Choose:
    """An axis of rising numbers is a scale to the sampler, any other a set of names."""

    def choose(path: str, values: list[axes.Node]) -> int:
        numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
        if numbers and list(values) == sorted(values):
            return trial.suggest_int(path, 0, len(values) - 1)
        return int(trial.suggest_categorical(path, list(range(len(values)))))

    return choose


def _sampler(name: str, seed: int) -> optuna.samplers.BaseSampler:
    import optuna

    makers: dict[str, Callable[[], optuna.samplers.BaseSampler]] = {
        "tpe": lambda: optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True),
        "nsga2": lambda: optuna.samplers.NSGAIISampler(seed=seed, population_size=20),
        "nsga3": lambda: optuna.samplers.NSGAIIISampler(seed=seed, population_size=20),
        "random": lambda: optuna.samplers.RandomSampler(seed=seed),
    }
    if name not in makers:
        raise unknown("search: --sampler", name, makers)
    return makers[name]()
