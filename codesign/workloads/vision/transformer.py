"""A plain vision transformer (Dosovitskiy et al. 2021, arXiv:2010.11929), its layers named as `transformers` does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from codesign.workloads.vision.classify import Classified, classified

Pool = Literal["mean", "class-and-mean"]


@dataclass(frozen=True)
class VitShape:
    """The sizes of a vision transformer."""

    size: int  # of the picture, in pixels
    patch: int
    channels: int
    width: int
    depth: int
    heads: int
    classes: int
    pool: Pool = "mean"
    layer_scale: bool = False

    def __post_init__(self) -> None:
        if self.size % self.patch or self.size < self.patch:
            raise ValueError(f"vit: a picture of {self.size} pixels is not made of whole patches of {self.patch}")

    @property
    def grid(self) -> int:
        """Patches along one side."""
        return self.size // self.patch

    @property
    def tokens(self) -> int:
        """Patches, and the class token where there is one."""
        return self.grid**2 + (self.pool == "class-and-mean")


class VisionTransformer(nn.Module):
    """Patches, layers, a norm, and a linear head."""

    def __init__(self, shape: VitShape) -> None:
        super().__init__()
        self.shape = shape
        self.patches = nn.Conv2d(shape.channels, shape.width, shape.patch, shape.patch)
        self.positions = nn.Parameter(torch.zeros(1, shape.tokens, shape.width))
        self.token = nn.Parameter(torch.zeros(1, 1, shape.width)) if shape.pool == "class-and-mean" else None
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.depth))
        self.norm = nn.LayerNorm(shape.width, eps=1e-6)
        self.head = nn.Linear(shape.width * (1 if self.token is None else 2), shape.classes)

    def forward(self, pixel_values: Tensor, labels: Tensor | None = None) -> Classified:
        """pixel_values (batch, channels, size, size); labels (batch,)."""
        return classified(self.head(self.features(pixel_values)), labels)

    def features(self, pixel_values: Tensor) -> Tensor:
        """(batch, features) that the head reads: the mean over patches, after the class token where there is one."""
        x = self.patches(pixel_values).flatten(2).transpose(1, 2)
        if self.token is not None:
            x = torch.cat([self.token.expand(len(x), -1, -1), x], 1)
        x = x + self.positions
        for layer in self.layers:
            x = layer(x)
        x = self.norm(x)
        features: Tensor = x.mean(1)
        return features if self.token is None else torch.cat([x[:, 0], x[:, 1:].mean(1)], -1)


class Layer(nn.Module):
    """Attention and a feed-forward net, each after a norm and beside a residual; scaled where the shape says so."""

    def __init__(self, shape: VitShape) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(shape.width, eps=1e-6)
        self.attention = Attention(shape.width, shape.heads)
        self.norm2 = nn.LayerNorm(shape.width, eps=1e-6)
        self.mlp = Mlp(shape.width)
        self.scale1 = nn.Parameter(torch.ones(shape.width)) if shape.layer_scale else None
        self.scale2 = nn.Parameter(torch.ones(shape.width)) if shape.layer_scale else None

    def forward(self, x: Tensor) -> Tensor:
        """(batch, tokens, width)."""
        mixed = self.attention(self.norm1(x))
        x = x + (mixed if self.scale1 is None else self.scale1 * mixed)
        fed = self.mlp(self.norm2(x))
        x = x + (fed if self.scale2 is None else self.scale2 * fed)
        return x


class Attention(nn.Module):
    """Every token looks at every token."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.head_dim = width // heads
        self.q_proj, self.k_proj, self.v_proj, self.o_proj = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, tokens, width)."""
        query, key, value = (
            projection(x).view(*x.shape[:2], -1, self.head_dim).transpose(1, 2)
            for projection in (self.q_proj, self.k_proj, self.v_proj)
        )
        mixed = nn.functional.scaled_dot_product_attention(query, key, value)
        out: Tensor = self.o_proj(mixed.transpose(1, 2).flatten(2))
        return out


class Mlp(nn.Module):
    """Four times as wide in the middle."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, tokens, width)."""
        out: Tensor = self.fc2(nn.functional.gelu(self.fc1(x)))
        return out
