"""The two encoder blocks that SASP simulates, as its released kernel runs them (TiC-SAT, `transformer.h`)."""

from __future__ import annotations

from hw_models.program import HostOp
from hw_models.shapes.base import Ops, Shape, linear
from hw_models.shapes.transformer import Width, norm, projections, scores_and_context


def sasp(name: str, dim: int, summary: str) -> Shape:
    """Attention with 4 heads, add and norm, feed-forward of 2,048 without activation, add and norm."""
    width = Width(dim, 4, 2048, "relu", bias=False)

    def build(seq: int, batch: int) -> tuple[Ops, dict[str, int | float | str]]:
        rows = seq * batch
        return [
            *projections("attention", width, rows),
            HostOp("attention.key.transpose", "copy", rows * dim),
            *scores_and_context("attention", width, seq, seq, batch),
            linear("attention.output", rows, dim, dim, bias=False),
            HostOp("attention.residual", "residual", rows * dim),
            norm("attention", width, rows),
            linear("feed_forward.up", rows, dim, 2048, bias=False),
            linear("feed_forward.down", rows, 2048, dim, bias=False),
            HostOp("feed_forward.residual", "residual", rows * dim),
            norm("feed_forward", width, rows),
        ], {"positions": seq}

    source = (
        "Palacios et al., GLSVLSI 2025, arXiv:2411.10285; released code gem5-X/TiC-SAT, transformer.h "
        "(no bias, no ReLU between the feed-forward products)"
    )
    return Shape(name, summary, source, build, "positions", 128, 1 << 16)


SASP = (
    sasp("sasp-librispeech", 512, "SASP's LibriSpeech block: 512 wide, 4 heads of 128, 2,048 hidden, 128 positions"),
    sasp("sasp-libritrans", 256, "SASP's LibriTrans block: 256 wide, 4 heads of 64, 2,048 hidden, 128 positions"),
)
