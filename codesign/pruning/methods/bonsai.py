"""Bonsai: what a unit is worth is read from how many random sub-models do with and without it. Forward passes only.

Dery et al., Everybody Prune Now: Structured Pruning of LLMs with only Forward Passes, 2024, arXiv:2402.05406; sampling
and schedule as in the released code (ldery/Bonsai, commit 2f911d7). Two departures, each with its reason: importances
are closed-form ridge (the code searches a grid of learning rates), and each sub-model removes another number of units,
for with a constant number the worth of one layer's units beside another's cannot be told from the utilities
(`count_jitter: false` is the paper's way).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from math import ceil
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt
import torch
from pydantic import Field
from torch import Tensor, nn

from codesign.pruning.arrays import Array, checked_ratio, finite, like, numbers
from codesign.pruning.calibration import Stat
from codesign.pruning.methods.base import Method
from codesign.pruning.methods.flap import Flap
from codesign.pruning.methods.wanda import Wanda
from codesign.pruning.plan import PrunePlan
from codesign.pruning.ranking import Scores
from codesign.pruning.statistics import device_of
from codesign.pruning.task import Task
from codesign.pruning.units import UnitGroup

GONE = -1e30  # the key of what went in an earlier round


def fit_importances(masks: Array, utilities: Array, gamma: float) -> Array:
    """(units,): minimises mean (utility - b - mask . beta)^2 + gamma |beta|^2, the intercept b free.

    Masks (sub-models, units), 1 where the unit was there; utilities (sub-models,), more is better.
    """
    there, worth = finite(numbers(masks), "bonsai"), finite(numbers(utilities), "bonsai")
    if len(there) != len(worth) or not len(there):
        raise ValueError(f"bonsai: {len(worth)} utilities for {len(there)} sub-models; each has one, and one is wanted")
    if not gamma > 0:
        raise ValueError(f"bonsai: gamma: {gamma} is not above 0")
    there, worth = there - there.mean(0), worth - worth.mean()
    return like(_ridge(there, worth, gamma * len(there)), masks)


def _ridge(x: Scores, y: Scores, penalty: float) -> Scores:
    """(units,): solved over the fewer of samples and units, for x^T (x x^T + p)^-1 = (x^T x + p)^-1 x^T."""
    wide = len(x) < x.shape[1]
    normal = x @ x.T if wide else x.T @ x
    solved = np.linalg.solve(normal + penalty * np.eye(len(normal)), y if wide else x.T @ y).astype(np.float64)
    return x.T @ solved if wide else solved


def removal_probabilities(prior: Array, ratio: float) -> Array:
    """(units,): the 2 * ratio of units with the lowest prior go in proportion to what they lack of the highest."""
    rho = numbers(prior)
    chance = np.where(_candidates(rho, ratio), rho.max() - rho, 0.0)
    if not chance.any():  # all alike
        chance = _candidates(rho, ratio).astype(np.float64)
    return like(chance / max(chance.sum(), np.finfo(np.float64).tiny), prior)


def sample_masks(prior: Array, ratio: float, n: int, rng: np.random.Generator, count_jitter: bool = True) -> Array:
    """(n, units) bool: sub-models in pairs, what goes in the one of the candidates is what stays in the other.

    Units that are no candidates are always there. The first of a pair removes int(ratio * units) + 1 candidates; with
    `count_jitter` a number drawn from none to all of them.
    """
    rho = numbers(prior)
    candidates, chance = _candidates(rho, ratio), numbers(removal_probabilities(rho, ratio))
    most = int(candidates.sum())
    masks = np.ones((n, len(rho)), np.bool_)
    for row in range(0, n, 2):
        count = int(rng.integers(0, most + 1)) if count_jitter else min(int(ratio * len(rho)) + 1, most)
        gone = _draw(rng, chance, candidates, count)
        masks[row, gone] = False
        masks[row + 1 : row + 2] = ~candidates | gone
    return like(masks, prior)


def _candidates(rho: Scores, ratio: float) -> npt.NDArray[np.bool_]:
    """The 2 * ratio of units that have the lowest prior."""
    checked_ratio(ratio, "bonsai")
    finite(rho, "bonsai")
    fixed = int(len(rho) * (1 - 2 * ratio) + 1e-9) if ratio < 0.5 else 0
    chosen = np.ones(len(rho), np.bool_)
    chosen[rho.argsort(kind="stable")[len(rho) - fixed :]] = False
    return chosen


def _draw(
    rng: np.random.Generator, chance: Scores, candidates: npt.NDArray[np.bool_], count: int
) -> npt.NDArray[np.bool_]:
    """`count` candidates without replacement; those of chance 0 only once the others are used up."""
    gone = np.zeros(len(chance), np.bool_)
    if not count:
        return gone
    likely = np.flatnonzero(chance)
    first = min(count, len(likely))
    gone[rng.choice(likely, first, replace=False, p=chance[likely] / chance[likely].sum())] = True
    gone[rng.permutation(np.flatnonzero(candidates & (chance == 0)))[: count - first]] = True
    return gone


class Bonsai(Method):
    """Rounds of priors, sub-models in pairs and a ridge regression, each on what the rounds before have left."""

    needs: ClassVar[frozenset[Stat]] = frozenset({Stat.INPUTS, Stat.UTILITY})
    per_round: float = Field(default=0.05, gt=0, lt=1)  # of the scope, removed in a round
    sub_models: int = Field(default=200, ge=2)  # evaluated in a round
    judged_on: int = Field(default=0, ge=0)  # calibration batches that a sub-model is run on; 0: all
    gamma: float = Field(default=1e-2, gt=0)  # ridge; utilities are divided by their standard deviation first
    prior: Literal["wanda", "flap"] = "wanda"
    count_jitter: bool = True  # False: the paper's constant number
    perturb: bool = True  # False: the prior alone decides (the paper's ablation)

    def plan(self, task: Task) -> PrunePlan:
        """The units whose absence hurt least; the model is only ever run forward."""
        if task.spec.block or "channel" in task.spec.units:
            raise ValueError("prune: method bonsai: removes whole units that are no channels; give units, and no block")
        rng = np.random.default_rng(task.spec.seed)
        plan = PrunePlan(task.spec)
        rounds = ceil(task.spec.ratio / self.per_round - 1e-9)
        for step in range(1, rounds + 1):
            ratio = min(step * self.per_round, task.spec.ratio)
            plan = self._round(task, plan, task.asked(replace(task.spec, ratio=ratio)), rng)
        return replace(plan, spec=task.spec)

    def _round(self, task: Task, before: PrunePlan, goal: Task, rng: np.random.Generator) -> PrunePlan:
        model = before.apply(task.model)
        dead = {removal.group: list(removal.dead) for removal in before.removals}
        alive = {group.name: np.delete(np.arange(group.count), dead.get(group.name, [])) for group in task.groups}
        priors = self._priors(replace(goal, model=model), alive)
        keys = self._importances(task, model, alive, priors, rng) if self.perturb else priors
        full = {group.name: np.full(group.count, GONE) for group in task.groups}
        for name, units in alive.items():
            full[name][units] = keys[name]
        return goal.drop_lowest(full)

    def _priors(self, task: Task, alive: Mapping[str, npt.NDArray[np.int64]]) -> dict[str, Scores]:
        """Of the units that are left, by what they do in the model that is left."""
        scorer = Wanda() if self.prior == "wanda" else Flap()
        scores = scorer.unit_scores(task, task.groups)
        return {name: scores[name][units] for name, units in alive.items()}

    def _importances(
        self,
        task: Task,
        model: nn.Module,
        alive: Mapping[str, npt.NDArray[np.int64]],
        priors: Mapping[str, Scores],
        rng: np.random.Generator,
    ) -> dict[str, Scores]:
        """By group; infinite for units that are no candidates in this round."""
        draws = {
            name: sample_masks(prior, self.per_round, self.sub_models, rng, self.count_jitter)
            for name, prior in priors.items()
        }
        utilities = np.empty(self.sub_models)
        judge = replace(task, calibration=task.calibration[: self.judged_on or None])
        for row in range(self.sub_models):
            gone = {name: units[~draws[name][row]] for name, units in alive.items()}
            with without(model, task.groups, gone):
                utilities[row] = judge.worth(model)
        masks = np.concatenate(list(draws.values()), axis=1).astype(np.float64)
        spread = utilities.std() or 1.0
        beta = fit_importances(masks, utilities / spread, self.gamma)
        beta[masks.all(0)] = np.inf
        parts = np.split(beta, np.cumsum([draw.shape[1] for draw in draws.values()])[:-1])
        return dict(zip(draws, parts, strict=True))


@contextmanager
def without(model: nn.Module, groups: Sequence[UnitGroup], gone: Mapping[str, npt.NDArray[np.int64]]) -> Iterator[None]:
    """Within, the layers that read the units hear nothing of those that are gone: the same as if they were zero."""
    with ExitStack() as stack:
        for group in groups:
            lives = torch.ones(group.count, device=device_of(model))
            lives[torch.from_numpy(gone[group.name]).to(lives.device)] = 0
            for part in group.readers(model):
                layer = model.get_submodule(part.module)
                handle = layer.register_forward_pre_hook(_silencer(layer, lives.repeat_interleave(part.width)))
                stack.callback(handle.remove)
        yield


def _silencer(layer: nn.Module, lives: Tensor) -> Callable[[nn.Module, tuple[Tensor, ...]], tuple[Tensor, ...]]:
    lives = lives.view(-1, *[1] * (layer.weight.ndim - 2)) if isinstance(layer, nn.Conv1d | nn.Conv2d) else lives

    def silence(module: nn.Module, args: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return args[0] * lives.to(args[0].dtype), *args[1:]

    return silence
