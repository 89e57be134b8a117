"""Silenced, zeroed and cut out: three ways of removing units, one answer, on models and removals that chance draws."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    ViTConfig,
    ViTForImageClassification,
    WhisperConfig,
    WhisperForConditionalGeneration,
)

from codesign.pruning import PrunePlan, PruneSpec, Removal
from codesign.pruning.methods.bonsai import without
from codesign.pruning.structure import structure
from codesign.pruning.units import UnitGroup

Batch = Mapping[str, Tensor]
Made = tuple[nn.Module, Batch]
sizes = st.integers(1, 4)


def _shaken(model: nn.Module, seed: int) -> nn.Module:
    """Random in every parameter and buffer, biases and norms included."""
    torch.manual_seed(seed)
    for parameter in model.parameters():
        parameter.data.normal_(0, 0.3)
    for name, buffer in model.named_buffers():
        if "running" in name:
            buffer.uniform_(0.5, 1.5)
    return model.eval()


@st.composite
def llamas(draw: st.DrawFn) -> Made:
    kv, share, width = draw(st.integers(1, 3)), draw(st.integers(1, 3)), 2 * draw(sizes)
    config = LlamaConfig(
        vocab_size=19, hidden_size=kv * share * draw(st.integers(2, 5)), intermediate_size=draw(st.integers(2, 12)),
        num_hidden_layers=draw(st.integers(1, 3)), num_attention_heads=kv * share, num_key_value_heads=kv,
        head_dim=width, tie_word_embeddings=draw(st.booleans()), attention_bias=draw(st.booleans()),
        mlp_bias=draw(st.booleans()), pad_token_id=0,
    )  # fmt: skip
    model = _shaken(LlamaForCausalLM(config), draw(st.integers(0, 99)))
    return model, {"input_ids": torch.randint(0, 19, (2, 6))}


@st.composite
def whispers(draw: st.DrawFn) -> Made:
    heads, width = draw(st.integers(1, 3)), 4 * draw(st.integers(1, 3))
    config = WhisperConfig(
        vocab_size=23, d_model=heads * width, encoder_layers=draw(st.integers(1, 2)), decoder_layers=1,
        encoder_attention_heads=heads, decoder_attention_heads=heads, encoder_ffn_dim=draw(st.integers(2, 9)),
        decoder_ffn_dim=draw(st.integers(2, 9)), num_mel_bins=5, max_source_positions=6, max_target_positions=9,
        pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1,
    )  # fmt: skip
    model = _shaken(WhisperForConditionalGeneration(config), draw(st.integers(0, 99)))
    return model, {"input_features": torch.randn(2, 5, 12), "decoder_input_ids": torch.randint(0, 23, (2, 4))}


@st.composite
def vits(draw: st.DrawFn) -> Made:
    heads = draw(st.integers(1, 3))
    config = ViTConfig(
        hidden_size=heads * 2 * draw(sizes), num_hidden_layers=draw(st.integers(1, 2)), num_attention_heads=heads,
        intermediate_size=draw(st.integers(2, 9)), image_size=8, patch_size=4, num_labels=3,
    )  # fmt: skip
    return _shaken(ViTForImageClassification(config), draw(st.integers(0, 99))), {
        "pixel_values": torch.randn(2, 3, 8, 8)
    }


class Residual(nn.Module):
    """Batch norm, a residual sum, a depthwise convolution, a flattening and two dense layers."""

    def __init__(self, stem: int, inner: int, last: int, hidden: int) -> None:
        super().__init__()
        self.stem, self.norm = nn.Conv2d(3, stem, 3, padding=1), nn.BatchNorm2d(stem)
        self.up, self.up_norm = nn.Conv2d(stem, inner, 3, padding=1, bias=False), nn.BatchNorm2d(inner)
        self.down = nn.Conv2d(inner, stem, 1)
        self.depthwise, self.point = nn.Conv2d(stem, stem, 3, padding=1, groups=stem), nn.Conv2d(stem, last, 1)
        self.dense, self.head = nn.Linear(last * 4, hidden), nn.Linear(hidden, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.norm(self.stem(x)))
        x = x + self.down(torch.relu(self.up_norm(self.up(x))))
        x = functional.max_pool2d(functional.gelu(self.point(self.depthwise(x))), 2)
        return self.head(torch.relu(self.dense(x.view(x.size(0), -1))))


@st.composite
def cnns(draw: st.DrawFn) -> Made:
    model = Residual(draw(st.integers(2, 6)), draw(st.integers(1, 5)), draw(st.integers(2, 5)), draw(st.integers(2, 6)))
    return _shaken(model, draw(st.integers(0, 99))), {"x": torch.randn(2, 3, 4, 4)}


def _removals(draw: st.DrawFn, groups: Mapping[str, UnitGroup], kinds: tuple[str, ...]) -> tuple[Removal, ...]:
    found = []
    for group in groups.values():
        if group.kind not in kinds:
            continue
        dead = np.array(draw(st.lists(st.booleans(), min_size=group.count, max_size=group.count)))
        for family in np.split(np.arange(group.count), group.families) if group.families else []:
            dead[family[0]] &= not dead[family].all()
        if dead.any():
            found.append(Removal(group.name, tuple(np.flatnonzero(dead).tolist())))
    return tuple(found)


def _answer(model: nn.Module, batch: Batch) -> Tensor:
    with torch.no_grad():
        output = model(**batch)
    return output if isinstance(output, Tensor) else output.logits


TRANSFORMER_KINDS = [
    ("neuron",), ("query_head",), ("kv_group",), ("sublayer",), ("channel",), ("neuron", "query_head"),
    ("neuron", "kv_group", "channel"),
]  # fmt: skip


def _check(draw: st.DrawFn, made: Made, kinds: tuple[str, ...]) -> None:
    model, batch = made
    groups = structure(model)
    removals = _removals(draw, groups, kinds)
    plan = PrunePlan(PruneSpec(), removals=removals)
    zeroed, small = plan.apply(model), plan.compact(model)
    want = _answer(zeroed, batch)
    scale = float(want.abs().max()) + 1e-3
    assert torch.allclose(_answer(small, batch), want, atol=1e-4 * scale)
    gone = {removal.group: np.array(removal.dead) for removal in removals}
    if "channel" not in kinds:  # a channel's norm sees it: only zeros and cuts can say what that means
        silenced = {name: gone.get(name, np.array([], int)) for name in groups}
        with without(model, list(groups.values()), silenced):
            assert torch.allclose(_answer(model, batch), want, atol=1e-4 * scale)
    before, after = (sum(parameter.numel() for parameter in one.parameters()) for one in (model, small))
    assert after < before or not removals


@pytest.mark.parametrize("kinds", TRANSFORMER_KINDS, ids="+".join)
@settings(max_examples=12, deadline=None)
@given(st.data(), llamas())
def test_llama_with_grouped_queries(kinds: tuple[str, ...], data: st.DataObject, made: Made) -> None:
    _check(data.draw, made, kinds)


@pytest.mark.parametrize("kinds", TRANSFORMER_KINDS, ids="+".join)
@settings(max_examples=6, deadline=None)
@given(st.data(), whispers())
def test_whisper(kinds: tuple[str, ...], data: st.DataObject, made: Made) -> None:
    _check(data.draw, made, kinds)


@pytest.mark.parametrize("kinds", TRANSFORMER_KINDS, ids="+".join)
@settings(max_examples=6, deadline=None)
@given(st.data(), vits())
def test_vit(kinds: tuple[str, ...], data: st.DataObject, made: Made) -> None:
    _check(data.draw, made, kinds)


@pytest.mark.parametrize("kinds", [("filter",), ("neuron",), ("filter", "neuron")], ids="+".join)
@settings(max_examples=12, deadline=None)
@given(st.data(), cnns())
def test_cnn(kinds: tuple[str, ...], data: st.DataObject, made: Made) -> None:
    _check(data.draw, made, kinds)
