"""The small nets that pruning papers use: perceptrons, LeNet-5, VGG-16 and ResNet-20 for small pictures."""

from __future__ import annotations

import re
from itertools import pairwise

from torch import Tensor, nn

from codesign.workloads.vision.classify import Classified, classified

_VGG16 = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
_RESNET20 = (16, 32, 64)
_MLP = re.compile(r"mlp-(\d+)x(\d+)")


class Net(nn.Module):
    """A body that ends in features, and a linear head."""

    def __init__(self, body: nn.Module, features: int, classes: int) -> None:
        super().__init__()
        self.body = body
        self.head = nn.Linear(features, classes)

    def forward(self, pixel_values: Tensor, labels: Tensor | None = None) -> Classified:
        """pixel_values (batch, channels, size, size); labels (batch,)."""
        return classified(self.head(self.body(pixel_values)), labels)


def net(name: str, channels: int, size: int, classes: int, width: float) -> Net:
    """By name: `mlp-LxW` (L hidden layers of W), `lenet5`, `vgg16`, `resnet20`. Raises ValueError for another.

    `width` scales the channels of the last two.
    """
    if shape := _MLP.fullmatch(name):
        return _mlp(channels * size**2, int(shape[1]), int(shape[2]), classes)
    if name == "lenet5":
        return _lenet5(channels, size, classes)
    if name == "vgg16":
        return _vgg16(channels, classes, width)
    if name == "resnet20":
        return _resnet20(channels, classes, width)
    raise ValueError(f"vision: model: {name!r} is not one of lenet5, vgg16, resnet20, mlp-LxW (such as mlp-2x50)")


def _mlp(inputs: int, layers: int, width: int, classes: int) -> Net:
    if min(layers, width) < 1:
        raise ValueError(f"vision: model: mlp-{layers}x{width}: it needs a hidden layer and a neuron in it")
    sizes = pairwise([inputs] + [width] * layers)
    hidden = [part for fan_in, fan_out in sizes for part in (nn.Linear(fan_in, fan_out), nn.ReLU())]
    return Net(nn.Sequential(nn.Flatten(), *hidden), width, classes)


def _lenet5(channels: int, size: int, classes: int) -> Net:
    """LeCun et al., Gradient-based learning applied to document recognition, 1998, with ReLU and maximum pooling."""
    side = (size // 2 - 4) // 2
    body = nn.Sequential(
        nn.Conv2d(channels, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(16 * side**2, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(),
    )  # fmt: skip
    return Net(body, 84, classes)


def _vgg16(channels: int, classes: int, width: float) -> Net:
    """Simonyan and Zisserman 2015, arXiv:1409.1556, as it is used on 32 x 32: batch norms, and one linear layer."""
    parts: list[nn.Module] = []
    for stage in _VGG16:
        for full in stage:
            out = _scaled(full, width)
            parts += [nn.Conv2d(channels, out, 3, padding=1, bias=False), nn.BatchNorm2d(out), nn.ReLU()]
            channels = out
        parts.append(nn.MaxPool2d(2, ceil_mode=True))
    return Net(nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten()), channels, classes)


def _resnet20(channels: int, classes: int, width: float) -> Net:
    """He et al. 2016, arXiv:1512.03385, section 4.2."""
    first = _scaled(_RESNET20[0], width)
    parts: list[nn.Module] = [nn.Conv2d(channels, first, 3, padding=1, bias=False), nn.BatchNorm2d(first), nn.ReLU()]
    channels = first
    for stage, full in enumerate(_RESNET20):
        for index in range(3):
            out = _scaled(full, width)
            parts.append(Residual(channels, out, stride=2 if stage and not index else 1))
            channels = out
    return Net(nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten()), channels, classes)


class Residual(nn.Module):
    """Two convolutions beside a way around them."""

    def __init__(self, channels: int, out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 3, stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(out)
        same = stride == 1 and channels == out
        self.around = nn.Identity() if same else nn.Conv2d(channels, out, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, h, w)."""
        y = nn.functional.relu(self.norm1(self.conv1(x)))
        return nn.functional.relu(self.norm2(self.conv2(y)) + self.around(x))


def _scaled(channels: int, width: float) -> int:
    return max(1, round(channels * width))
