"""Convolutional networks at 224 x 224, unrolled to products: VGG-16 and ResNet-50, batch norms folded into weights."""

from __future__ import annotations

from hw_models.program import HostOp
from hw_models.shapes.base import Ops, Shape, conv2d, linear

Built = tuple[Ops, dict[str, int | float | str]]


def vgg16() -> Shape:
    """Thirteen convolutions of 3 x 3 in five stages, each ended by a 2 x 2 maximum, and three layers."""
    stages = ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))

    def build(_: int, batch: int) -> Built:
        ops: Ops = []
        side, channels = 224, 3
        for stage, (depth, filters) in enumerate(stages, 1):
            for index in range(1, depth + 1):
                name = f"conv{stage}_{index}"
                ops += conv2d(name, (side, side), channels, filters, 3, batch)
                ops.append(HostOp(f"{name}.relu", "relu", side * side * filters * batch))
                channels = filters
            ops.append(HostOp(f"pool{stage}", "pool", side * side * filters * batch))
            side //= 2
        for name, inputs, outputs in (("fc6", 7 * 7 * 512, 4096), ("fc7", 4096, 4096)):
            ops += [linear(name, batch, inputs, outputs), HostOp(f"{name}.relu", "relu", batch * outputs)]
        return [*ops, linear("fc8", batch, 4096, 1000)], {"pixels": 224 * 224}

    source = "Simonyan and Zisserman, Very Deep Convolutional Networks, ICLR 2015, arXiv:1409.1556, table 1 (D)"
    return Shape("vgg-16", "VGG-16: 13 convolutions and 3 layers, 224 x 224 pixels", source, build)


def resnet50() -> Shape:
    """Sixteen bottlenecks; the stride stands in the 3 x 3 convolution, as in torchvision's version 1.5."""
    stages = ((3, 64), (4, 128), (6, 256), (3, 512))

    def build(_: int, batch: int) -> Built:
        ops: Ops = [
            *conv2d("conv1", (112, 112), 3, 64, 7, batch),
            HostOp("conv1.relu", "relu", 112 * 112 * 64 * batch),
            HostOp("pool1", "pool", 56 * 56 * 64 * 9 * batch),
        ]
        side, channels = 56, 64
        for stage, (depth, narrow) in enumerate(stages, 2):
            for index in range(depth):
                stride = 2 if index == 0 and stage > 2 else 1
                ops += _bottleneck(f"conv{stage}_{index + 1}", side, channels, narrow, stride, index == 0, batch)
                side, channels = side // stride, 4 * narrow
        pool = HostOp("pool5", "pool", side * side * channels * batch)
        return [*ops, pool, linear("classes", batch, channels, 1000)], {"pixels": 224 * 224}

    source = "He et al., Deep Residual Learning, CVPR 2016, arXiv:1512.03385, table 1; stride as in torchvision (v1.5)"
    return Shape("resnet-50", "ResNet-50 v1.5: 16 bottlenecks, 224 x 224 pixels", source, build)


def _bottleneck(name: str, side: int, channels: int, narrow: int, stride: int, project: bool, batch: int) -> Ops:
    """1 x 1 down, 3 x 3, 1 x 1 up, and where the size changes a 1 x 1 on the way around."""
    small, wide = side // stride, 4 * narrow
    out = small * small * batch
    ops: Ops = [
        *conv2d(f"{name}.a", (side, side), channels, narrow, 1, batch),
        HostOp(f"{name}.a.relu", "relu", side * side * narrow * batch),
        *conv2d(f"{name}.b", (small, small), narrow, narrow, 3, batch),
        HostOp(f"{name}.b.relu", "relu", out * narrow),
        *conv2d(f"{name}.c", (small, small), narrow, wide, 1, batch),
    ]
    if project:
        ops += conv2d(f"{name}.shortcut", (small, small), channels, wide, 1, batch)
    return [*ops, HostOp(f"{name}.residual", "residual", out * wide), HostOp(f"{name}.relu", "relu", out * wide)]


CONVOLUTIONAL = (vgg16(), resnet50())
