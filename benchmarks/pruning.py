"""`python -m benchmarks.pruning`: block scores beside one read of the weights, and the passes a scored model takes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from codesign.pruning import METHODS, Block, LayerView, PruneSpec, Task, prune
from codesign.pruning.methods.base import ScoreMethod
from codesign.pruning.statistics import InputStats

SHAPES = ((512, 2048), (3072, 768), (4096, 11008))  # Whisper base, ViT-B, LLaMA-7B: (out, in) of a feed-forward layer
SIDES = (4, 8, 16, 32)
GOAL = 3.0  # times one read


def main() -> None:
    """A JSON line for each measurement; the reading that a score is compared with is taken in the same run."""
    torch.set_num_threads(1)
    for record in (*_scores(), _passes()):
        print(json.dumps(record), flush=True)


def _scores() -> Iterator[dict[str, object]]:
    for shape in SHAPES:
        torch.manual_seed(0)
        view = LayerView("layer", torch.randn(shape), None, _inputs(shape[1]), torch.randn(shape))
        for name, member in METHODS.items():
            if issubclass(member.kind, ScoreMethod):
                yield from (_score(name, member.kind(), view, Block(side, side)) for side in SIDES)


def _score(name: str, method: ScoreMethod, view: LayerView, block: Block) -> dict[str, object]:
    score, read = _together(lambda: method.block_score(view, block), lambda: view.weight.abs().sum())
    return {
        "what": "block score / one read of the weights", "method": name, "shape": view.shape, "block": block.rows,
        "score_ms": round(score * 1e3, 3), "read_ms": round(read * 1e3, 3), "ratio": round(score / read, 2),
        "goal": GOAL, "met": score <= GOAL * read,
    }  # fmt: skip


def _inputs(width: int) -> InputStats:
    stats = InputStats(width, torch.device("cpu"), gram=False)
    stats.add(torch.randn(64, width))
    return stats


def _together(one: Callable[[], Tensor], two: Callable[[], Tensor]) -> tuple[float, float]:
    """Least processor seconds of each, in turns, so that both meet the same machine."""
    best = [float("inf")] * 2
    for _ in range(15):
        for which, act in enumerate((one, two)):
            start = time.process_time()
            act()
            best[which] = min(best[which], time.process_time() - start)
    return best[0], best[1]


class _Counted(nn.Module):
    """A model that counts how often it is run."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64))
        self.passes = 0

    def forward(self, x: Tensor) -> Tensor:
        self.passes += 1
        return self.net(x)


def _passes() -> dict[str, object]:
    """Forward passes of 8 batches that Wanda with least squares makes: scores and repair share theirs."""
    model = _Counted()
    spec = PruneSpec("wanda", 0.2, Block(8, 8), repair="least_squares")
    prune(Task(model, spec, calibration=[{"x": torch.randn(32, 64)} for _ in range(8)]))
    return {
        "what": "forward passes for a plan",
        "method": "wanda + least_squares",
        "batches": 8,
        "passes": model.passes,
    }


if __name__ == "__main__":
    main()
