"""What sizes a cut leaves, that what stands in for a whole module is right, and that decoding with a cache goes on."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from transformers import LlamaConfig, LlamaForCausalLM, WhisperConfig, WhisperForConditionalGeneration

from codesign.pruning import PrunePlan, PruneSpec, Removal
from codesign.pruning.standins import Constant, FullWidthLayerNorm, Narrow, NoAttention


def _shaken(model: nn.Module) -> nn.Module:
    torch.manual_seed(0)
    for parameter in model.parameters():
        parameter.data.normal_(0, 0.2)
    return model.eval()


@pytest.fixture(scope="module")
def llama() -> nn.Module:
    config = LlamaConfig(
        vocab_size=31, hidden_size=12, intermediate_size=10, num_hidden_layers=2, num_attention_heads=6,
        num_key_value_heads=2, head_dim=4, attention_bias=True, mlp_bias=True, pad_token_id=0,
    )  # fmt: skip
    return _shaken(LlamaForCausalLM(config))


@pytest.fixture(scope="module")
def whisper() -> nn.Module:
    config = WhisperConfig(
        vocab_size=29, d_model=8, encoder_layers=1, decoder_layers=2, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=6, decoder_ffn_dim=6, num_mel_bins=4, max_source_positions=5,
        max_target_positions=20, pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1,
    )  # fmt: skip
    return _shaken(WhisperForConditionalGeneration(config))


UNEVEN = Removal("model.layers.0.self_attn/query_head", (0, 1, 5))  # one head reads kv head 0, two read kv head 1
FIRST = Removal("model.layers.0.self_attn/attention", (0,))


@pytest.mark.parametrize("removals", [(UNEVEN,), (FIRST,), (Removal("model.layers.1.self_attn/kv_group", (0,)), FIRST)])
def test_a_llama_says_the_same_tokens_with_its_cache(llama, removals) -> None:
    plan = PrunePlan(PruneSpec(), removals=removals)
    prompt = torch.arange(1, 6)[None]
    asked = {"max_new_tokens": 8, "do_sample": False, "eos_token_id": None}
    zeroed, small = (model.generate(prompt, **asked) for model in (plan.apply(llama), plan.compact(llama)))
    assert torch.equal(zeroed, small)
    assert zeroed.shape == (1, 13)


@pytest.mark.parametrize("part", ["self_attn", "encoder_attn"])
def test_a_whisper_decodes_the_same_with_its_cache(whisper, part) -> None:
    plan = PrunePlan(PruneSpec(), removals=(Removal(f"model.decoder.layers.0.{part}/attention", (0,)),))
    features = torch.randn(2, 4, 10)
    answers = []
    for model in (plan.apply(whisper), plan.compact(whisper)):
        past, tokens, logits = None, torch.tensor([[1], [1]]), []
        encoded = model.model.encoder(features)
        for _ in range(5):
            with torch.no_grad():
                step = model(encoder_outputs=encoded, decoder_input_ids=tokens, cache=past, use_cache=True)
            past, tokens = step.cache, step.logits.argmax(-1)
            logits.append(step.logits)
        answers.append(torch.cat(logits, 1))
    assert torch.allclose(*answers, atol=1e-5)


def test_what_is_left_has_the_sizes_that_are_left(llama) -> None:
    removals = (
        Removal("model.layers.0.mlp/neuron", (1, 2, 3)), Removal("model.layers.1.mlp/mlp", (0,)), UNEVEN,
        Removal("model.layers.1.self_attn/kv_group", (1,)),
    )  # fmt: skip
    small = PrunePlan(PruneSpec(), removals=removals).compact(llama)
    first, second = small.model.layers
    assert (first.mlp.gate_proj.out_features, first.mlp.down_proj.in_features) == (7, 7)
    assert first.mlp.up_proj.weight.shape == (7, 12)
    assert isinstance(second.mlp.down_proj, Constant)
    assert isinstance(second.mlp.up_proj, Narrow)
    assert (first.self_attn.q_proj.out_features, first.self_attn.k_proj.out_features) == (12, 8)
    assert first.self_attn.kv_of_query.tolist() == [0, 1, 1]
    assert (second.self_attn.q_proj.out_features, second.self_attn.v_proj.out_features) == (12, 4)
    assert second.self_attn.num_key_value_groups == 3
    assert llama.model.layers[0].mlp.gate_proj.out_features == 10  # the model itself is as it was
    assert llama.config._attn_implementation == "sdpa"


def test_an_attention_without_heads_and_a_norm_of_fewer_channels(whisper) -> None:
    plan = PrunePlan(
        PruneSpec(),
        removals=(
            Removal("model.encoder.layers.0.self_attn/attention", (0,)),
            Removal("model.encoder/channel", (0, 7)),
        ),
    )
    encoder = plan.compact(whisper).model.encoder
    assert isinstance(encoder.layers[0].self_attn, NoAttention)
    norm = encoder.layer_norm
    assert isinstance(norm, FullWidthLayerNorm)
    assert len(norm.weight) == 6
    # By hand: eight channels, of which two are zero.
    x = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    full = torch.tensor([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 0.0])
    want = (full - full.mean()) / (full.var(correction=0) + norm.eps).sqrt()
    assert torch.allclose(norm(x), want[1:7] * norm.weight + norm.bias, atol=1e-6)


def test_a_plan_of_blocks_has_nothing_to_cut(llama) -> None:
    plan = PrunePlan(PruneSpec())
    small = plan.compact(llama)
    assert sum(p.numel() for p in small.parameters()) == sum(p.numel() for p in llama.parameters())
