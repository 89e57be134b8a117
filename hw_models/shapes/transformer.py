"""The blocks that transformers are made of, as products and host work."""

from __future__ import annotations

from dataclasses import dataclass

from hw_models.program import Gemm, HostKind, HostOp
from hw_models.shapes.base import Ops, linear


@dataclass(frozen=True)
class Width:
    """The sizes of a transformer's blocks."""

    dim: int
    heads: int
    hidden: int
    activation: HostKind
    norm: HostKind = "layer_norm"
    key_value_heads: int | None = None  # None: as many as heads
    gated: bool = False  # two products into the hidden layer, one gating the other
    bias: bool = True
    rotary: bool = False

    @property
    def head_dim(self) -> int:
        """Width of a head."""
        return self.dim // self.heads

    @property
    def key_value_dim(self) -> int:
        """Width of all keys (or values) of a position."""
        return self.head_dim * (self.key_value_heads or self.heads)


def block(name: str, width: Width, seq: int, batch: int) -> Ops:
    """Self-attention and feed-forward over `seq` positions at once, each with its norm and residual."""
    return [
        *self_attention(f"{name}.attention", width, seq, batch),
        *feed_forward(f"{name}.feed_forward", width, seq * batch),
    ]


def self_attention(name: str, width: Width, seq: int, batch: int) -> Ops:
    """Every position looks at every position; a causal mask is applied to scores that are computed all the same."""
    rows = seq * batch
    rotary = rows * (width.dim + width.key_value_dim)
    return [
        norm(name, width, rows),
        *projections(name, width, rows),
        *([HostOp(f"{name}.rotary", "rotary", rotary)] if width.rotary else []),
        *scores_and_context(name, width, seq, seq, batch),
        linear(f"{name}.output", rows, width.dim, width.dim, bias=width.bias),
        HostOp(f"{name}.residual", "residual", rows * width.dim),
    ]


def projections(name: str, width: Width, rows: int, repeat: int = 1) -> Ops:
    """Query, key and value."""
    return [
        linear(f"{name}.query", rows, width.dim, width.dim, bias=width.bias, repeat=repeat),
        linear(f"{name}.key", rows, width.dim, width.key_value_dim, bias=width.bias, repeat=repeat),
        linear(f"{name}.value", rows, width.dim, width.key_value_dim, bias=width.bias, repeat=repeat),
    ]


def scores_and_context(name: str, width: Width, queries: int, keys: int, batch: int, repeat: int = 1) -> Ops:
    """Q K^T, softmax (the scaling in it), and the weighted sum of V.

    Head by head; heads that share keys stream their queries through one stay of the keys.
    """
    stays = (width.key_value_heads or width.heads) * batch
    rows = width.heads * batch * queries // stays
    return [
        Gemm(f"{name}.scores", rows, width.head_dim, keys, repeat=stays * repeat, stationary_known=False),
        HostOp(f"{name}.softmax", "softmax", stays * rows * keys, stays * rows, repeat),
        Gemm(f"{name}.context", rows, keys, width.head_dim, repeat=stays * repeat, stationary_known=False),
    ]


def feed_forward(name: str, width: Width, rows: int, repeat: int = 1) -> Ops:
    """Norm, into the hidden layer, activation (and gate), back, residual."""
    hidden = rows * width.hidden
    into = [linear(f"{name}.up", rows, width.dim, width.hidden, bias=width.bias, repeat=repeat)]
    between = [HostOp(f"{name}.{width.activation}", width.activation, hidden, repeat=repeat)]
    if width.gated:
        into.insert(0, linear(f"{name}.gate", rows, width.dim, width.hidden, bias=width.bias, repeat=repeat))
        between.append(HostOp(f"{name}.product", "elementwise", hidden, repeat=repeat))
    return [
        norm(name, width, rows, repeat),
        *into,
        *between,
        linear(f"{name}.down", rows, width.hidden, width.dim, bias=width.bias, repeat=repeat),
        HostOp(f"{name}.residual", "residual", rows * width.dim, repeat=repeat),
    ]


def norm(name: str, width: Width, rows: int, repeat: int = 1) -> HostOp:
    """The norm of `rows` positions."""
    return HostOp(f"{name}.norm", width.norm, rows * width.dim, rows, repeat)


def decoder(name: str, width: Width, layers: int, memory: int, tokens: int, vocabulary: int, batch: int) -> Ops:
    """A decoder that writes `tokens` tokens one by one, with cached keys and values, looking at `memory` positions.

    The cache is where the products of keys and values write their outputs; each step reads all of it again.

    Work that is the same for each token stands once, with `repeat`; attention over the tokens so far grows, so it
    stands once for each length, for all layers together.
    """
    ops: Ops = [HostOp(f"{name}.embedding", "embedding", batch * width.dim, repeat=tokens)]
    for layer in range(layers):
        ops += _decoder_layer(f"{name}.{layer}", width, memory, tokens, batch)
    for length in range(1, tokens + 1):
        ops += scores_and_context(f"{name}.attention[{length}]", width, 1, length, batch, repeat=layers)
    return [
        *ops,
        norm(f"{name}.final", width, batch, tokens),
        linear(f"{name}.vocabulary", batch, width.dim, vocabulary, bias=False, repeat=tokens),
    ]


def _decoder_layer(name: str, width: Width, memory: int, tokens: int, batch: int) -> Ops:
    """A layer's work on `tokens` tokens one by one, but for the scores over the tokens themselves."""
    own, cross = f"{name}.attention", f"{name}.cross_attention"
    wide = batch * width.dim
    return [
        norm(own, width, batch, tokens),
        *projections(own, width, batch, tokens),
        linear(f"{own}.output", batch, width.dim, width.dim, repeat=tokens),
        HostOp(f"{own}.residual", "residual", wide, repeat=tokens),
        norm(cross, width, batch, tokens),
        linear(f"{cross}.query", batch, width.dim, width.dim, repeat=tokens),
        linear(f"{cross}.key", memory * batch, width.dim, width.key_value_dim),
        linear(f"{cross}.value", memory * batch, width.dim, width.key_value_dim),
        *scores_and_context(cross, width, 1, memory, batch, repeat=tokens),
        linear(f"{cross}.output", batch, width.dim, width.dim, repeat=tokens),
        HostOp(f"{cross}.residual", "residual", wide, repeat=tokens),
        *feed_forward(f"{name}.feed_forward", width, batch, tokens),
    ]
