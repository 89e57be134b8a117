"""The products that all simulators are given: a ViT-Base block, a speech encoder block, a LLaMA-7B layer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Product:
    """C[m, n] = A[m, k] B[k, n], `repeat` times (heads)."""

    name: str
    m: int
    k: int
    n: int
    repeat: int = 1

    @property
    def macs(self) -> int:
        """All repeats together."""
        return self.m * self.k * self.n * self.repeat


def block(tokens: int, dim: int, heads: int, hidden: int, gated: bool = False) -> tuple[Product, ...]:
    """Fused query, key and value; scores; context; output; feed-forward."""
    head = dim // heads
    return (
        Product("qkv", tokens, dim, 3 * dim),
        Product("scores", tokens, head, tokens, heads),
        Product("context", tokens, tokens, head, heads),
        Product("output", tokens, dim, dim),
        Product("up", tokens, dim, hidden, 2 if gated else 1),
        Product("down", tokens, hidden, dim),
    )


WORKLOADS = {
    "vit-base-block": block(197, 768, 12, 3072),
    "speech-block-512": block(512, 512, 8, 2048),
    "llama-7b-layer": block(512, 4096, 32, 11008, gated=True),
}
SIZES = (8, 16, 32, 64, 128)
