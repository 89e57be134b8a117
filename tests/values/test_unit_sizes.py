"""What a unit of SmolLM2-135M weighs, against numbers counted elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from codesign.pruning import PrunePlan, PruneSpec, Removal
from codesign.pruning.structure import structure

REFERENCE = json.loads((Path(__file__).parents[1] / "data/pruning_llm.json").read_text())["smollm2_135m"]


@pytest.fixture(scope="module")
def smollm2() -> LlamaForCausalLM:
    config = LlamaConfig(
        vocab_size=49152, hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9,
        num_key_value_heads=3, head_dim=64, tie_word_embeddings=True,
    )  # fmt: skip
    with torch.device("meta"):
        return LlamaForCausalLM(config)


def test_the_model_weighs_what_it_should(smollm2: LlamaForCausalLM) -> None:
    assert smollm2.num_parameters() == REFERENCE["params_total"]


@pytest.mark.parametrize(
    ("kind", "key"), [("neuron", "params_neuron"), ("query_head", "params_q_head"), ("kv_group", "params_kv_group")]
)
def test_one_unit_takes_its_weights_with_it(smollm2: LlamaForCausalLM, kind: str, key: str) -> None:
    group = next(one for one in structure(smollm2).values() if one.kind == kind)
    plan = PrunePlan(PruneSpec(), removals=(Removal(group.name, (0,)),))
    assert smollm2.num_parameters() - plan.compact(smollm2).num_parameters() == REFERENCE[key]
