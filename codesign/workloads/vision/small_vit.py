"""Our own small vision transformer, and the command that trained the checkpoint that ships.

    python -m codesign.workloads.vision.small_vit OUT.safetensors [--device cuda]

For pictures other than Fashion-MNIST it is trained when it is first asked for, by the same recipe.
"""

from __future__ import annotations

import argparse
import logging
import sys
from dataclasses import replace
from pathlib import Path

from codesign.workloads.vision.pictures import Pictures, load_album, preparation
from codesign.workloads.vision.training import Recipe, start, train
from codesign.workloads.vision.transformer import VisionTransformer, VitShape
from codesign.workloads.vision.weights import save_weights

SHAPE = VitShape(size=28, patch=7, channels=1, width=64, depth=6, heads=2, classes=10)  # 0.31 M parameters
RECIPE = Recipe(epochs=8, rate=3e-3, batch=256, decay=0.05, shift=2, smoothing=0.1)


def small_vit(pictures: Pictures) -> VisionTransformer:
    """Untrained, for pictures of that kind."""
    return VisionTransformer(replace(SHAPE, channels=pictures.images.shape[1], classes=len(pictures.classes)))


def main() -> None:
    """Train on Fashion-MNIST and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--epochs", type=int, default=RECIPE.epochs)
    asked = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
    album = load_album("fashion-mnist", SHAPE.size)
    model = start(lambda: small_vit(album.train), RECIPE.seed).to(asked.device)
    train(model, album.train, preparation(album.train, SHAPE.size), replace(RECIPE, epochs=asked.epochs))
    save_weights(model, asked.out)


if __name__ == "__main__":
    main()
