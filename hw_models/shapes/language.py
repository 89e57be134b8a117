"""Language models: BERT-base, LLaMA-7B, SmolLM2-135M. The request is one pass over `seq` tokens."""

from __future__ import annotations

from hw_models.program import HostOp
from hw_models.shapes.base import Ops, Shape, linear
from hw_models.shapes.transformer import Width, block, norm

Built = tuple[Ops, dict[str, int | float | str]]


def bert_base() -> Shape:
    """Encoder, with the pooler and no other head."""
    width = Width(768, 12, 3072, "gelu")

    def build(seq: int, batch: int) -> Built:
        rows = seq * batch
        ops: Ops = [
            HostOp("embedding", "embedding", rows * 768),
            HostOp("embedding.add", "elementwise", 2 * rows * 768),
            norm("embedding", width, rows),
        ]
        for layer in range(12):
            ops += block(f"{layer}", width, seq, batch)
        ops += [linear("pooler", batch, 768, 768), HostOp("pooler.tanh", "elementwise", batch * 768)]
        return ops, {"tokens": seq}

    source = "Devlin et al., BERT, NAACL 2019, arXiv:1810.04805, section 3 (base)"
    return Shape("bert-base", "BERT base: 12 layers, 768 wide, 12 heads", source, build, "tokens", 128, 512)


def decoder_only(name: str, width: Width, layers: int, vocabulary: int, seq: int, longest: int, source: str) -> Shape:
    """Prompt of `seq` tokens read at once, the next token's logits; keys and values stay where they were written."""

    def build(seq: int, batch: int) -> Built:
        rows = seq * batch
        ops: Ops = [HostOp("embedding", "embedding", rows * width.dim)]
        for layer in range(layers):
            ops += block(f"{layer}", width, seq, batch)
        ops += [norm("final", width, batch), linear("vocabulary", batch, width.dim, vocabulary, bias=False)]
        return ops, {"prompt_tokens": seq, "decoded_tokens": 1}

    heads = f"{width.heads} heads" + (f" ({width.key_value_heads} for keys)" if width.key_value_heads else "")
    summary = f"{name}: {layers} layers, {width.dim} wide, {heads}, {width.hidden} hidden"
    return Shape(name, summary, source, build, "tokens of the prompt", seq, longest)


LLAMA = Width(4096, 32, 11008, "silu", "rms_norm", gated=True, bias=False, rotary=True)
SMOL = Width(576, 9, 1536, "silu", "rms_norm", key_value_heads=3, gated=True, bias=False, rotary=True)

LANGUAGE = (
    bert_base(),
    decoder_only(
        "llama-7b", LLAMA, 32, 32000, 512, 2048,
        "Touvron et al., LLaMA, 2023, arXiv:2302.13971, table 2; hidden size 11,008 from the released checkpoint",
    ),
    decoder_only(
        "smollm2-135m", SMOL, 30, 49152, 512, 8192,
        "Ben Allal et al., SmolLM2, 2025, arXiv:2502.02737; HuggingFaceTB/SmolLM2-135M config.json",
    ),
)  # fmt: skip
