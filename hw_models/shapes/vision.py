"""Vision transformers: ViT-B/16 and the DeiT family at 224 x 224."""

from __future__ import annotations

from hw_models.program import HostOp
from hw_models.shapes.base import Ops, Shape, linear
from hw_models.shapes.transformer import Width, block, norm

VIT = "Dosovitskiy et al., An Image is Worth 16x16 Words, ICLR 2021, arXiv:2010.11929, table 1"
DEIT = "Touvron et al., Training data-efficient image transformers, ICML 2021, arXiv:2012.12877, table 1"


def vit(name: str, dim: int, heads: int, source: str) -> Shape:
    """12 layers on 196 patches of 16 x 16 and a class token; 1,000 classes."""
    width = Width(dim, heads, 4 * dim, "gelu")

    def build(seq: int, batch: int) -> tuple[Ops, dict[str, int | float | str]]:
        rows, patches = seq * batch, (seq - 1) * batch
        ops: Ops = [
            HostOp("patches.im2col", "im2col", patches * 768),
            linear("patches", patches, 768, dim),
            HostOp("position", "elementwise", rows * dim),
        ]
        for layer in range(12):
            ops += block(f"{layer}", width, seq, batch)
        ops += [norm("final", width, rows), linear("classes", batch, dim, 1000)]
        return ops, {"tokens": seq}

    summary = f"{name}: 12 layers, {dim} wide, {heads} heads, 224 x 224 pixels"
    return Shape(name, summary, source, build, "patches and the class token", 197, 1 << 16, 2)


VISION = (
    vit("deit-tiny", 192, 3, DEIT),
    vit("deit-small", 384, 6, DEIT),
    vit("deit-base", 768, 12, DEIT),
    vit("vit-base", 768, 12, VIT),
)
