"""Recovery by low-rank updates: a short training of what survives, with the dense model as teacher.

Hu et al., LoRA, ICLR 2022, arXiv:2106.09685; as a recovery after pruning in Bonsai (Dery et al., 2024,
arXiv:2402.05406, section 3.3): loss = task loss + kl_weight * KL(teacher || student). The updates are trained on the
compacted model, then merged: the plan that comes out costs a machine what the plan that went in does.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import cycle, islice
from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from codesign.pruning.calibration import Stat, own_loss
from codesign.pruning.plan import PrunePlan, Repair
from codesign.pruning.repair.base import RepairMethod
from codesign.pruning.statistics import Batch, device_of, evaluating, on
from codesign.pruning.structure import structure
from codesign.pruning.task import Task
from codesign.pruning.units import Alive, survivors


class Lora(RepairMethod):
    """Trains on the calibration batches, over and over. For whole units only; needs the extra `recovery` (peft)."""

    needs: ClassVar[frozenset[Stat]] = frozenset({Stat.GRADIENT})
    steps: int = Field(default=100, ge=1)
    rank: int = Field(default=8, ge=1)
    alpha: int = Field(default=32, gt=0)  # 4 * rank, as Bonsai releases it
    learning_rate: float = Field(default=1e-4, gt=0)
    kl_weight: float = Field(default=1.0, ge=0)  # of the mean over answers; Bonsai's 0.01 is of a sum over tokens

    def repair(self, task: Task, plan: PrunePlan) -> PrunePlan:
        """The plan with the trained weight of every linear layer in scope that is left."""
        if not plan.removals:
            raise ValueError("repair lora: trains what is left of whole units; a block mask would cut its updates away")
        if not task.calibration:
            raise ValueError("calibration: no batch came, but the repair trains on them")
        student = plan.compact(task.model)
        left = {name for name, module in student.named_modules() if isinstance(module, nn.Linear)}
        names = [name for name in task.layers if name in left]
        with torch.random.fork_rng(), evaluating(task.model), torch.enable_grad():
            torch.manual_seed(task.spec.seed)
            trained = self._train(task, student.eval(), names)
        alive = survivors(task.model, structure(task.model), plan.removals)
        repairs = dict(plan.repairs)
        for name in names:
            small, full = (model.get_parameter(f"{name}.weight") for model in (trained, task.model))
            weight = _spread(small, full, alive.get((f"{name}.weight", 0)), alive.get((f"{name}.weight", 1)))
            repairs[name] = replace(repairs.get(name, Repair()), weight=weight)
        return replace(plan, repairs=repairs)

    def _train(self, task: Task, student: nn.Module, names: list[str]) -> nn.Module:
        from peft import LoraConfig, get_peft_model

        only = "|".join(re.escape(name) for name in names)
        config = LoraConfig(r=self.rank, lora_alpha=self.alpha, target_modules=only, lora_dropout=0.0)
        model = get_peft_model(student, config)
        update = [parameter for parameter in model.parameters() if parameter.requires_grad]
        optimiser = torch.optim.AdamW(update, lr=self.learning_rate)
        for batch in islice(cycle(task.calibration), self.steps):
            optimiser.zero_grad()
            torch.autograd.backward(self._loss(task, model, on(device_of(student), batch)))
            optimiser.step()
        merged: nn.Module = model.merge_and_unload()
        return merged

    def _loss(self, task: Task, student: nn.Module, batch: Batch) -> Tensor:
        loss = (task.loss or own_loss)(student, batch)
        if self.kl_weight == 0:
            return loss
        with torch.no_grad():
            taught = _logits(task.model, batch)
        return loss + self.kl_weight * divergence(_logits(student, batch), taught)


def divergence(student: Tensor, teacher: Tensor) -> Tensor:
    """(): KL(teacher || student) in nats, the mean over all answers, of logits (..., classes)."""
    said, taught = functional.log_softmax(student, -1), functional.log_softmax(teacher, -1)
    return functional.kl_div(said, taught, reduction="none", log_target=True).sum(-1).mean()


def _logits(model: nn.Module, batch: Batch) -> Tensor:
    output = model(**batch)
    logits = output if isinstance(output, Tensor) else output.logits
    assert isinstance(logits, Tensor), "a model without logits has nothing to teach"
    return logits.float()


def _spread(small: Tensor, like: Tensor, out: Alive | None, inputs: Alive | None) -> Tensor:
    """The small weight in its places of the original's shape; zeros elsewhere."""
    rows, cols = (
        torch.arange(size) if lives is None else torch.from_numpy(lives).nonzero().flatten()
        for size, lives in zip(like.shape, (out, inputs), strict=True)
    )
    full = torch.zeros_like(like)
    full[rows[:, None], cols] = small.detach().to(like)
    return full.detach()
