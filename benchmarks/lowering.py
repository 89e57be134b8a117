"""Traces real architectures at full size without their weights, and counts them again with torch's own counter.

python benchmarks/lowering.py [NAME ...]
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable

import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from codesign.lowering import attach, trace
from codesign.lowering.configuration import build, read

logging.getLogger("transformers").setLevel(logging.ERROR)


def tokens(*shape: int) -> torch.Tensor:
    return torch.empty(shape, dtype=torch.long, device="meta")


def numbers(*shape: int) -> torch.Tensor:
    return torch.empty(shape, device="meta")


def configured(name: str, **fields: object) -> Callable[[], nn.Module]:
    def make() -> nn.Module:
        config = read(name)
        for field, value in fields.items():
            setattr(config, field, value)
        return build(config)

    return make


def conformer() -> nn.Module:
    """With weights: it looks at its lengths, and torch's counter needs them and the weights on one device."""
    from torchaudio.models import Conformer

    return Conformer(512, 8, 2048, 17, 31)


MODELS: dict[str, tuple[Callable[[], nn.Module], dict[str, object]]] = {
    "whisper-tiny": (
        configured("whisper", encoder_layers=4, decoder_layers=4, d_model=384, encoder_attention_heads=6,
                   decoder_attention_heads=6, encoder_ffn_dim=1536, decoder_ffn_dim=1536),
        {"input_features": numbers(1, 80, 3000), "decoder_input_ids": tokens(1, 32)},
    ),
    "s2t-small": (
        configured("speech_to_text", encoder_layers=12, decoder_layers=6),
        {"input_features": numbers(1, 1000, 80), "decoder_input_ids": tokens(1, 32)},
    ),
    "wav2vec2-base": (configured("wav2vec2"), {"input_values": numbers(1, 160_000)}),
    "conformer-l": (conformer, {"input": torch.zeros(1, 500, 512), "lengths": torch.tensor([500])}),
    "bert-base": (configured("bert"), {"input_ids": tokens(1, 512)}),
    "gpt2": (configured("gpt2"), {"input_ids": tokens(1, 1024)}),
    "llama-7b": (configured("llama"), {"input_ids": tokens(1, 512)}),
    "llama-3-8b": (
        configured("llama", num_key_value_heads=8, intermediate_size=14336, vocab_size=128_256),
        {"input_ids": tokens(1, 512)},
    ),
    "vit-b16": (configured("vit"), {"pixel_values": numbers(1, 3, 224, 224)}),
    "deit-b16": (configured("deit"), {"pixel_values": numbers(1, 3, 224, 224)}),
    "swin-t": (configured("swin"), {"pixel_values": numbers(1, 3, 224, 224)}),
    "resnet-50": (configured("resnet"), {"pixel_values": numbers(1, 3, 224, 224)}),
    "mobilenet-v2": (configured("mobilenet_v2"), {"pixel_values": numbers(1, 3, 224, 224)}),
}  # fmt: skip


def counted_macs(model: nn.Module, inputs: dict[str, object]) -> int:
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), counter:
        model.eval()(**inputs)
    return counter.get_total_flops() // 2


def main(names: list[str]) -> None:
    print(f"{'model':14s} {'GMAC':>10s} {'= torch':>8s} {'entries':>8s} {'trace ms':>9s} {'attach ms':>10s}")
    torch.backends.mha.set_fastpath_enabled(False)
    for name, (make, inputs) in MODELS.items():
        if names and name not in names:
            continue
        model = make()
        trace(model, inputs)  # the first one pays for imports
        start = time.process_time()
        traced = trace(model, inputs)
        between = time.process_time()
        program = attach(traced)
        end = time.process_time()
        same = "yes" if program.macs == counted_macs(model, inputs) else "NO"
        print(
            f"{name:14s} {program.macs / 1e9:10.3f} {same:>8s} {len(program.ops):8d} "
            f"{(between - start) * 1e3:9.0f} {(end - between) * 1e3:10.2f}"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
