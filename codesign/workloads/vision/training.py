"""Training a classifier from scratch, seeded, and keeping what was trained under what it hangs on."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn

from codesign.workloads.vision.classify import Classified
from codesign.workloads.vision.pictures import Pictures, Preparation
from codesign.workloads.vision.weights import Model, kept

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recipe:
    """How a net is trained: AdamW, the rate rising for a tenth of the steps, then falling along a cosine."""

    epochs: int
    rate: float = 2e-3
    batch: int = 128
    decay: float = 0.01
    shift: int = 0  # pixels by which a picture may be moved, and it may be mirrored; 0: neither
    smoothing: float = 0.0  # of the labels
    seed: int = 0
    threads: int | None = None  # on a CPU; small nets lose by more than one


def train(model: nn.Module, pictures: Pictures, prepare: Preparation, recipe: Recipe) -> None:
    """Trains the model in place, on its own device; the same seed on the same machine gives the same weights."""
    order = torch.Generator().manual_seed(recipe.seed)
    steps = recipe.epochs * -(-len(pictures) // recipe.batch)
    optimiser = torch.optim.AdamW(model.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, total_steps=steps, pct_start=0.1)
    model.train()
    with _threads(recipe.threads):
        for epoch in range(recipe.epochs):
            for images, labels in _batches(pictures, recipe, order, next(model.parameters()).device):
                answer: Classified = model(pixel_values=prepare(images))
                loss = nn.functional.cross_entropy(answer.logits, labels, label_smoothing=recipe.smoothing)
                optimiser.zero_grad(set_to_none=True)
                torch.autograd.backward(loss)
                optimiser.step()
                schedule.step()
            _log.info("epoch %d of %d: loss %.3f", epoch + 1, recipe.epochs, loss.item())
    model.eval()


@contextmanager
def _threads(count: int | None) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    yield
    torch.set_num_threads(before)


def _batches(
    pictures: Pictures, recipe: Recipe, order: torch.Generator, device: torch.device
) -> Iterator[tuple[Tensor, Tensor]]:
    """Every picture once, in a new order each time."""
    for chosen in torch.split(torch.randperm(len(pictures), generator=order), recipe.batch):
        images = _moved(pictures.images[chosen], recipe.shift, order)
        yield images.to(device), pictures.labels[chosen].to(device)


def _moved(images: Tensor, shift: int, chance: torch.Generator) -> Tensor:
    """Each picture moved by up to `shift` pixels each way, and mirrored half of the time."""
    if not shift:
        return images
    count, _, height, width = images.shape
    padded = nn.functional.pad(images, (shift, shift, shift, shift))
    down, right = torch.randint(0, 2 * shift + 1, (2, count, 1), generator=chance)
    rows, columns = down + torch.arange(height), right + torch.arange(width)
    mirrored = torch.rand(count, 1, generator=chance) < 0.5
    columns = torch.where(mirrored, columns.flip(1), columns)
    which = torch.arange(count)[:, None, None]
    picked = padded[which, :, rows[:, :, None], columns[:, None, :]]  # (count, height, width, channels)
    return picked.movedim(-1, 1)


def start(build: Callable[[], Model], seed: int) -> Model:
    """A net with its first weights drawn from the seed; nobody else's chance is touched."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return build()


def trained(build: Callable[[], Model], name: str, pictures: Pictures, prepare: Preparation, recipe: Recipe) -> Model:
    """The net of that name, trained now, or out of the cache where it was kept."""
    model = start(build, recipe.seed)
    content = [repr(model), json.dumps(asdict(recipe)), repr(prepare), pictures.digest]

    def fill(untrained: Model) -> None:
        _log.info("training %s for %d epochs on %d pictures", name, recipe.epochs, len(pictures))
        train(untrained, pictures, prepare, recipe)

    return kept(model, name, content, fill)
