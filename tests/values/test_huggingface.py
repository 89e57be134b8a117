"""Configurations without weights: the same program as the real model's, at sizes nobody could allocate."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from torch import nn

from codesign.lowering import lower
from codesign.lowering.configuration import read
from codesign.lowering.huggingface import lower_config
from codesign.lowering.sizes import Sizes
from hw_models.program import Gemm, HostOp, Program
from hw_models.shapes import shape_program

SMALL = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}


def entries(program: Program) -> dict[tuple[object, ...], int]:
    found: dict[tuple[object, ...], int] = {}
    for op in program.ops:
        sizes = (op.kind, op.elements, op.rows) if isinstance(op, HostOp) else (op.m, op.k, op.n, op.bias)
        what = (op.name.rpartition(".")[2], *sizes)
        found[what] = found.get(what, 0) + op.repeat
    return found


class OneByOne:
    """A prompt, then tokens one by one, on the model's own cache; logits of the last token, as generation needs."""

    facts: Mapping[str, int | float | str] = {}

    def __init__(self, rows: int, past: int, seq: int, decode: int) -> None:
        self.rows, self.tokens = rows, ([past] if past else []) + [seq] + [1] * decode

    def run(self, model: nn.Module) -> object:
        cache = None
        for count in self.tokens:
            ids = torch.zeros(self.rows, count, dtype=torch.long, device=model.device)
            cache = model(ids, cache=cache, use_cache=True, logits_to_keep=1).cache
        return cache


@pytest.mark.parametrize("decode", [0, 1, 3, 30])
def test_prompt_and_decoded_tokens_are_those_of_the_real_model(decode: int):
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(**SMALL, vocab_size=100, num_key_value_heads=2)
    program = lower_config(config, Sizes(batch=2, beams=2, seq=7, decode=decode))
    assert entries(program) == entries(lower(LlamaForCausalLM(config), OneByOne(4, 0, 7, decode)))
    assert program.request == {"batch": 2, "beams": 2, "seq": 7, "past": 0, "decode": decode}


def test_a_sliding_window_stops_growing():
    from transformers import MistralConfig, MistralForCausalLM

    config = MistralConfig(**SMALL, vocab_size=100, num_key_value_heads=2, sliding_window=16)
    program = lower_config(config, Sizes(seq=5, decode=25))
    assert entries(program) == entries(lower(MistralForCausalLM(config), OneByOne(1, 0, 5, 25)))


def test_a_step_on_a_long_cache():
    """One token on 2,048: 8 groups of 4 queries stream through 2,049 keys, in each of 2 layers."""
    from transformers import LlamaConfig

    config = LlamaConfig(
        vocab_size=100, hidden_size=256, num_hidden_layers=2, num_attention_heads=32, num_key_value_heads=8,
        intermediate_size=512,
    )  # fmt: skip
    program = lower_config(config, Sizes(past=2048, seq=1))
    attention = [
        (op.m, op.k, op.n, op.repeat) for op in program.ops if isinstance(op, Gemm) and not op.stationary_known
    ]
    assert attention == [(4, 8, 2049, 8), (4, 2049, 8, 8)] * 2


def test_llama_7b_has_the_size_it_is_known_for():
    """32 layers of 4 x 4096 x 4096 and 3 x 4096 x 11008, a head of 4096 x 32000: see Touvron et al., 2023, table 2."""
    layer, head = 4 * 4096 * 4096 + 3 * 4096 * 11008, 4096 * 32000
    for seq in (128, 32768):
        program = lower_config("LlamaConfig", Sizes(seq=seq))
        attention = 2 * 32 * seq * seq * 4096
        assert program.macs == seq * 32 * layer + head + attention  # the head for the last token only


@pytest.mark.parametrize(
    ("source", "sizes", "macs"),
    [
        # ViT-B/16: 196 patches of 768 x 768, 12 layers of 197 tokens, 1 head of 2 classes
        ("vit", Sizes(), 196 * 768**2 + 12 * (197 * 12 * 768**2 + 2 * 197**2 * 768) + 768 * 2),
        ("vit", Sizes(image_size=384), 576 * 768**2 + 12 * (577 * 12 * 768**2 + 2 * 577**2 * 768) + 768 * 2),
        # BERT-base, 4 rows of 64 tokens, and the pooler
        ("BertConfig", Sizes(batch=4, seq=64), 4 * (12 * (64 * 12 * 768**2 + 2 * 64**2 * 768) + 768**2)),
    ],
)
def test_known_models_by_hand(source: str, sizes: Sizes, macs: int):
    assert lower_config(source, sizes).macs == macs


@pytest.mark.parametrize(
    ("shape", "seq", "kind", "fields", "sizes"),
    [
        ("vit-base", 197, "vit", {"num_labels": 1000}, Sizes()),
        ("bert-base", 128, "bert", {}, Sizes(seq=128)),
        ("llama-7b", 512, "llama", {}, Sizes(seq=512)),
        ("resnet-50", None, "resnet", {"num_labels": 1000}, Sizes()),
    ],
)
def test_the_shape_library_lists_the_same_products(shape, seq, kind, fields, sizes):
    """Written from the papers without a look at this code."""
    config = read(kind)
    for name, value in fields.items():
        setattr(config, name, value)
    assert products(lower_config(config, sizes)) == products(shape_program(shape, seq))


def products(program: Program) -> Counter[tuple[object, ...]]:
    found: Counter[tuple[object, ...]] = Counter()
    for op in program.ops:
        if isinstance(op, Gemm):
            found[op.m, op.k, op.n, op.stationary_known, op.bias] += op.repeat
    return found


def test_whisper_s_window():
    """Tiny's encoder by hand: 1,000 frames make 500 positions, 4 layers, width 384; then one token of the decoder."""
    from transformers import WhisperConfig

    config = WhisperConfig(d_model=384, encoder_layers=4, decoder_layers=4, encoder_attention_heads=6,
                           decoder_attention_heads=6, encoder_ffn_dim=1536, decoder_ffn_dim=1536)  # fmt: skip
    program = lower_config(config, Sizes(window_s=10.0))
    encoder = sum(op.macs for op in program.ops if isinstance(op, Gemm) and ".encoder." in f".{op.name}")
    convolutions = 1000 * 80 * 3 * 384 + 500 * 384 * 3 * 384
    assert encoder == convolutions + 4 * (500 * 12 * 384**2 + 2 * 500**2 * 384)
    assert program.request == {"batch": 1, "beams": 1, "decode": 0, "window_s": 10.0}
    assert config.max_source_positions == 1500  # what was given is not changed


@pytest.mark.parametrize(
    "kind", ["t5", "bart", "speech_to_text", "wav2vec2", "hubert", "deit", "swin", "resnet", "gpt2"]
)
def test_every_kind_of_model_is_asked_what_it_can_do(kind: str):
    assert lower_config(kind).macs > 0


def test_a_folder_and_a_file(tmp_path: Path):
    fields = {"model_type": "vit", "architectures": ["ViTForImageClassification"], **SMALL, "image_size": 32,
              "patch_size": 8, "id2label": {str(i): str(i) for i in range(10)}}  # fmt: skip
    (tmp_path / "config.json").write_text(json.dumps(fields))
    program = lower_config(tmp_path)
    assert program.name == "ViTForImageClassification"
    assert entries(program) == entries(lower_config(tmp_path / "config.json"))
    assert program.ops[-1].n == 10


def test_formats_are_carried_when_asked():
    formats = {op.weight_format for op in lower_config("bert", Sizes(seq=8), weight_format="int8").ops
               if isinstance(op, Gemm) and op.stationary_known}  # fmt: skip
    assert formats == {"int8"}
