"""A workload of 64 numbers and two layers."""

import torch
from torch import nn

from codesign.quality import Quality
from codesign.workloads.base import Data, Request, Workload
from codesign.workloads.table import Options


class ToyOptions(Options):
    """What may be chosen of it."""

    width: int = 64
    """Of the hidden layer."""


OPTIONS = ToyOptions


class Accuracy:
    """Share of signs that are right."""

    name = "accuracy"

    def __call__(self, model, data, progress=None):
        """On all samples at once."""
        inputs, signs = data.evaluation
        with torch.inference_mode():
            right = ((model(inputs)[:, 0] > 0) == signs).float().mean().item()
        return Quality("accuracy", right, "ratio", "max", len(signs), right, right, right)


def build(options: ToyOptions) -> Workload:
    """The same every time."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, options.width), nn.ReLU(), nn.Linear(options.width, 1)).eval()
    inputs = torch.randn(200, 64)
    data = Data(
        calibration=[{"input": inputs[:50]}],
        evaluation=(inputs[50:], inputs[50:].sum(1) > 0),
        request=Request(lambda model: model(torch.empty(1, 64, device=next(model.parameters()).device)), {"batch": 1}),
        digest="toy",
        note="made up",
    )
    return Workload(model, data, Accuracy(), "toy", {"all-linear": "."}, "all-linear", "random numbers")
