"""Real architectures, small: the multiply-accumulates that torch counts are in the program, and no others."""

import logging
from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from codesign.lowering import Product, lower, trace
from codesign.lowering.tracing import skeleton
from hw_models.program import Gemm, HostOp, Program

logging.getLogger("transformers").setLevel(logging.ERROR)

IDS = torch.arange(24).reshape(2, 12)
PIXELS = torch.zeros(2, 3, 32, 32)
SMALL = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
SPEECH = {
    "vocab_size": 100, "d_model": 32, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 4,
    "decoder_attention_heads": 4, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64,
    "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1,
}  # fmt: skip

Case = tuple[nn.Module, tuple[object, ...] | dict[str, object]]


def whisper() -> Case:
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    config = WhisperConfig(**SPEECH, num_mel_bins=8, max_source_positions=50)
    inputs = {"input_features": torch.zeros(2, 8, 100), "decoder_input_ids": IDS}
    return WhisperForConditionalGeneration(config), inputs


def s2t() -> Case:
    from transformers import Speech2TextConfig, Speech2TextForConditionalGeneration

    config = Speech2TextConfig(**SPEECH, input_feat_per_channel=8, conv_channels=16)
    inputs = {"input_features": torch.zeros(2, 100, 8), "decoder_input_ids": IDS}
    return Speech2TextForConditionalGeneration(config), inputs


def wav2vec2() -> Case:
    from transformers import Wav2Vec2Config, Wav2Vec2ForCTC

    config = Wav2Vec2Config(
        **SMALL, vocab_size=32, conv_dim=(8,) * 7, num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=4
    )
    return Wav2Vec2ForCTC(config), {"input_values": torch.zeros(2, 4000)}


def conformer() -> Case:
    from torchaudio.models import Conformer

    return Conformer(16, 4, 32, 2, 7), (torch.zeros(2, 20, 16), torch.tensor([20, 15]))


def bert(attention: str = "sdpa") -> Case:
    from transformers import BertConfig, BertModel

    config = BertConfig(**SMALL, vocab_size=100, attn_implementation=attention)
    return BertModel(config), {"input_ids": IDS, "attention_mask": (IDS < 20).long()}


def bert_eager() -> Case:
    return bert("eager")


def gpt2() -> Case:
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(vocab_size=100, n_embd=32, n_layer=2, n_head=4, bos_token_id=1, eos_token_id=2)
    return GPT2LMHeadModel(config), (IDS,)


def llama(attention: str = "sdpa") -> Case:
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(**SMALL, vocab_size=100, num_key_value_heads=2, attn_implementation=attention)
    return LlamaForCausalLM(config), {"input_ids": IDS}


def llama_eager() -> Case:
    return llama("eager")


def vit() -> Case:
    from transformers import ViTConfig, ViTForImageClassification

    return ViTForImageClassification(ViTConfig(**SMALL, image_size=32, patch_size=8)), (PIXELS,)


def deit() -> Case:
    from transformers import DeiTConfig, DeiTForImageClassificationWithTeacher

    return DeiTForImageClassificationWithTeacher(DeiTConfig(**SMALL, image_size=32, patch_size=8)), (PIXELS,)


def swin() -> Case:
    from transformers import SwinConfig, SwinForImageClassification

    config = SwinConfig(embed_dim=16, depths=[2, 2], num_heads=[2, 4], image_size=32, patch_size=2, window_size=4)
    return SwinForImageClassification(config), (PIXELS,)


def resnet50() -> Case:
    """The depths and the bottlenecks of ResNet-50, an eighth of its channels."""
    from transformers import ResNetConfig, ResNetForImageClassification

    config = ResNetConfig(embedding_size=8, hidden_sizes=[32, 64, 128, 256], depths=[3, 4, 6, 3])
    return ResNetForImageClassification(config), (PIXELS,)


def mobilenet_v2() -> Case:
    from transformers import MobileNetV2Config, MobileNetV2ForImageClassification

    return MobileNetV2ForImageClassification(MobileNetV2Config(depth_multiplier=0.35, image_size=32)), (PIXELS,)


def mamba() -> Case:
    from transformers import MambaConfig, MambaForCausalLM

    return MambaForCausalLM(MambaConfig(vocab_size=100, hidden_size=32, num_hidden_layers=1)), (IDS,)


def torch_transformer() -> Case:
    model = nn.Transformer(16, 2, 1, 1, 32, batch_first=True)
    return model, (torch.zeros(2, 9, 16), torch.zeros(2, 5, 16))


ARCHITECTURES = (
    whisper, s2t, wav2vec2, conformer, bert, bert_eager, gpt2, llama, llama_eager, vit, deit, swin, resnet50,
    mobilenet_v2, mamba, torch_transformer,
)  # fmt: skip


def counted_macs(model: nn.Module, inputs: tuple[object, ...] | dict[str, object]) -> int:
    """torch's own count on the real model, whose attention is made to show its products."""
    counter = FlopCounterMode(display=False)
    fastpath = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), counter:
        model.eval()(**inputs) if isinstance(inputs, dict) else model.eval()(*inputs)
    torch.backends.mha.set_fastpath_enabled(fastpath)
    return counter.get_total_flops() // 2


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda make: make.__name__)
def test_macs_are_those_torch_counts(architecture: Callable[[], Case], recwarn: pytest.WarningsRecorder):
    model, inputs = architecture()
    program = lower(skeleton(model), inputs)  # without data: a fall-back to real numbers would be an error
    assert program.macs == counted_macs(model, inputs) > 0
    assert not [w for w in recwarn if "left out" in str(w.message)]


@pytest.mark.parametrize("architecture", [llama, swin, conformer, gpt2], ids=lambda make: make.__name__)
def test_with_and_without_data_give_one_program(architecture: Callable[[], Case], monkeypatch: pytest.MonkeyPatch):
    model, inputs = architecture()
    without = lower(model, inputs)
    monkeypatch.setattr("codesign.lowering.tracing._run_without_data", lambda *_: None)
    assert described(lower(model, inputs)) == described(without)


def described(program: Program) -> list[tuple[object, ...]]:
    return [
        (op.name, op.m, op.k, op.n, op.repeat, op.stationary_known, op.bias)
        if isinstance(op, Gemm)
        else (op.name, op.kind, op.elements, op.rows, op.repeat)
        for op in program.ops
    ]


def test_a_llama_layer_by_hand():
    """Two rows of 12 tokens, width 32, 4 heads of 8 on 2 key-value heads, feed-forward 64."""
    model, inputs = llama()
    ops = [op for op in described(lower(model, inputs)) if str(op[0]).startswith("model.layers.1.")]
    layer = "model.layers.1"
    assert ops == [
        (f"{layer}.input_layernorm", "rms_norm", 24 * 32, 24, 1),
        (f"{layer}.self_attn.q_proj", 24, 32, 32, 1, True, False),
        (f"{layer}.self_attn.k_proj", 24, 32, 16, 1, True, False),
        (f"{layer}.self_attn.v_proj", 24, 32, 16, 1, True, False),
        (f"{layer}.self_attn.rotary", "rotary", 24 * 32, 1, 1),
        (f"{layer}.self_attn.rotary", "rotary", 24 * 16, 1, 1),
        (f"{layer}.self_attn.scores", 2 * 12, 8, 12, 2 * 2, False, False),  # 2 heads stream through one head's keys
        (f"{layer}.self_attn.softmax", "softmax", 2 * 4 * 12 * 12, 2 * 4 * 12, 1),
        (f"{layer}.self_attn.context", 2 * 12, 12, 8, 2 * 2, False, False),
        (f"{layer}.self_attn.o_proj", 24, 32, 32, 1, True, False),
        (f"{layer}.residual", "residual", 24 * 32, 1, 2),
        (f"{layer}.post_attention_layernorm", "rms_norm", 24 * 32, 24, 1),
        (f"{layer}.mlp.gate_proj", 24, 32, 64, 1, True, False),
        (f"{layer}.mlp.act_fn", "silu", 24 * 64, 1, 1),
        (f"{layer}.mlp.up_proj", 24, 32, 64, 1, True, False),
        (f"{layer}.mlp.elementwise", "elementwise", 24 * 64, 1, 1),
        (f"{layer}.mlp.down_proj", 24, 64, 32, 1, True, False),
    ]


@pytest.mark.parametrize(("grouped", "eager"), [(llama, llama_eager), (bert, bert_eager)])
def test_attention_is_the_same_however_it_is_written(grouped: Callable[[], Case], eager: Callable[[], Case]):
    def products(case: Case) -> list[tuple[object, ...]]:
        return [op for op in described(lower(*case)) if len(op) == 7]

    assert products(eager()) == products(grouped())


class Recognised(nn.Module):
    """What a request does outside of modules is data; what a module makes by itself is constant."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(8, 8)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        table = (torch.arange(8.0) + 1) * torch.ones(8, 8)  # the same for every input
        return self.layer(x) @ table + x


class TwoTokens:
    facts = {"seq": 2}  # noqa: RUF012

    def run(self, model: nn.Module) -> object:
        return model(torch.zeros(2, 8, device=model.layer.weight.device) * 2)


def test_a_request_s_inputs_are_data_and_a_module_s_tables_are_not():
    program = lower(Recognised(), TwoTokens())
    assert described(program) == [
        ("elementwise", "elementwise", 16, 1, 1),  # made by the request
        ("layer", 2, 8, 8, 1, True, True),
        ("matmul", 2, 8, 8, 1, True, False),
        ("residual", "residual", 16, 1, 1),
    ]
    assert program.request == {"seq": 2}


def test_a_model_that_looks_at_its_numbers_is_run():
    class Looks(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(4, 4)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.layer(x) if float(self.layer(x).sum()) == float("inf") else self.layer(x)[:1]

    model = Looks().train()
    assert lower(model, torch.ones(3, 4)).macs == 2 * 3 * 4 * 4
    assert model.training
    assert model.layer.training


def test_the_model_is_left_as_it_was():
    model, inputs = bert()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    model.train()
    trace(model, inputs)
    assert model.training
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_a_trace_holds_no_tensors():
    import pickle

    model, inputs = llama()
    traced = trace(model, inputs)
    assert len(pickle.dumps(traced)) < 50_000  # goes to another process as it is
    assert all(isinstance(op, (Product, HostOp)) for op in traced.operations)
