"""What cannot be lowered is said in one sentence; nothing is lost in silence."""

import json
import random
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from codesign.lowering import attach, lower, trace
from codesign.lowering.huggingface import lower_config
from codesign.lowering.onnx import lower_onnx
from codesign.lowering.sizes import Sizes
from codesign.pruning.blocks import Block, BlockMask
from codesign.pruning.plan import PrunePlan, Repair
from codesign.pruning.spec import PruneSpec
from codesign.pruning.units import Removal


def plan(layer: str, shape: tuple[int, int]) -> PrunePlan:
    block = Block(2, 2)
    return PrunePlan(PruneSpec(), {layer: BlockMask(np.ones(block.grid(shape), np.bool_), block, shape)})


MODEL = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 2))


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (plan("3", (6, 4)), "the model has no layer '3'"),
        (plan("0", (4, 6)), r"a mask for \(4, 6\) \(out, in\) does not fit '0.weight', which is \(6, 4\)"),
        (PrunePlan(PruneSpec(), {}, {"5": Repair(bias=torch.zeros(6))}), "no layer '5'"),
    ],
)
def test_a_plan_of_another_model(bad: PrunePlan, message: str):
    with pytest.raises(ValueError, match=message):
        lower(MODEL, torch.zeros(1, 4), bad)


def test_a_layer_s_name_that_is_nearly_right():
    named = nn.Sequential(OrderedDict(query=nn.Linear(4, 6), key=nn.Linear(6, 2)))
    with pytest.raises(ValueError, match="the model has no layer 'qurey'; the nearest is 'query'"):
        lower(named, torch.zeros(1, 4), plan("qurey", (6, 4)))


def test_a_mask_whose_weight_is_changed_on_the_way():
    layer = nn.utils.parametrizations.weight_norm(nn.Linear(4, 6))
    with pytest.raises(ValueError, match=r"changed before .* multiplies by it: its mask cannot be followed"):
        lower(nn.Sequential(layer), torch.zeros(1, 4), plan("0.parametrizations.weight.original1", (6, 4)))


def test_a_mask_on_a_layer_that_does_not_run():
    class Half(nn.Sequential):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self[0](x)

    with pytest.warns(UserWarning, match="never multiplies by 2.weight"):
        lower(Half(*MODEL), torch.zeros(1, 4), plan("2", (2, 6)))


def test_units_removed_from_a_trace():
    removed = PrunePlan(PruneSpec(), removals=(Removal("neurons", (0,)),))
    with pytest.raises(ValueError, match="trace plan"):
        attach(trace(MODEL, torch.zeros(1, 4)), removed)


def test_inputs_that_do_not_fit_the_model():
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        lower(MODEL, torch.zeros(1, 5))


def test_a_sequence_that_is_longer_than_the_model_allows():
    from transformers import GPT2Config, GPT2Model

    model = GPT2Model(GPT2Config(vocab_size=9, n_positions=8, n_embd=8, n_layer=1, n_head=2, bos_token_id=1))
    with pytest.raises(IndexError, match="out of range"):
        lower(model, torch.zeros(1, 9, dtype=torch.long))
    with pytest.raises(IndexError, match="out of range"):
        lower(model, torch.tensor([[9]]))  # a word that is none


def test_a_model_that_does_nothing():
    with pytest.raises(ValueError, match="did nothing"):
        lower(nn.Identity(), torch.zeros(1, 4))


def test_a_model_of_nothing_that_is_known():
    class Fourier(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.fft.fft(x)

    with pytest.raises(ValueError, match="did nothing beside aten::_fft_r2c that a machine could"):
        lower(Fourier(), torch.zeros(1, 4))


@pytest.mark.parametrize(
    ("source", "sizes", "message"),
    [
        ("lama", Sizes(), "the nearest is 'llama'"),
        ("bert", Sizes(image_size=224), "image_size says nothing to a bert model; it has batch, seq"),
        ("vit", Sizes(seq=7), "seq says nothing to a vit model"),
        ("whisper", Sizes(past=7), "past says nothing to a whisper model"),
        ("bert", Sizes(decode=7), "decode says nothing"),
        ("gpt2", Sizes(seq=1000, decode=100), "1100 tokens, but this gpt2 model has 1024 positions"),
        ("bert", Sizes(seq=513), "513 tokens, but this bert model has 512 positions"),
        ("whisper", Sizes(decode=448), "449 tokens, but this whisper model has 448 positions"),
        ("audio-spectrogram-transformer", Sizes(), "no inputs are known for a audio-spectrogram-transformer"),
    ],
)
def test_a_configuration_that_is_not_known_or_does_not_have_the_size(source: str, sizes: Sizes, message: str):
    with pytest.raises(ValueError, match=message):
        lower_config(source, sizes)


@pytest.mark.parametrize(
    "sizes", [{"batch": 0}, {"seq": -1}, {"window_s": float("nan")}, {"window_s": 0.0}, {"image_size": 0}, {"beams": 0}]
)
def test_sizes_that_are_none(sizes: dict[str, float]):
    with pytest.raises(ValueError, match="must be"):
        Sizes(**sizes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "has no model_type"),
        (json.dumps({"model_type": "bertt"}), "the nearest is 'bert'"),
        (json.dumps({"model_type": "bert", "hidden_size": "wide"}), "config"),
        (json.dumps({"model_type": "bert", "hidden_size": 30}), "multiple of the number of attention"),
        (json.dumps({"model_type": "llama", "num_attention_heads": 0}), "config"),
        (
            json.dumps({"model_type": "bert", "architectures": ["BertConfig"]}),
            "'BertConfig' is not a model of transformers",
        ),
        (json.dumps({"model_type": "bert", "architectures": ["ViTModel"]}), "not built from a BertConfig"),
    ],
)
def test_a_configuration_that_is_none(tmp_path: Path, content: str, message: str):
    (tmp_path / "config.json").write_text(content)
    with pytest.raises(ValueError, match=message):
        lower_config(tmp_path, Sizes(seq=4))


def test_a_configuration_that_is_not_there(tmp_path: Path):
    with pytest.raises(ValueError, match="cannot be read: No such file"):
        lower_config(tmp_path / "nothing.json")


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "is not an ONNX model"), (b"no model \xff\xfe", "is not an ONNX model")]
)
def test_a_file_that_is_no_onnx_model(tmp_path: Path, content: bytes, message: str):
    (tmp_path / "bad.onnx").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        lower_onnx(tmp_path / "bad.onnx")


def test_an_onnx_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(ValueError, match="cannot be read: No such file"):
        lower_onnx(tmp_path / "nothing.onnx")


@pytest.mark.filterwarnings("ignore:lower")
def test_a_damaged_onnx_file_is_read_or_refused(tmp_path: Path):
    """Cut off, bytes changed, bytes lost: a program or one sentence, never anything else."""
    whole = (Path(__file__).parents[1] / "data" / "llama_dynamo.onnx").read_bytes()
    chance, refused = random.Random(0), 0
    for _ in range(150):
        damaged = bytearray(whole[: chance.choice((len(whole), chance.randrange(len(whole))))])
        for _ in range(chance.choice((1, 3, 20))):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        start = chance.randrange(len(damaged))
        del damaged[start : start + chance.randrange(40)]
        (tmp_path / "damaged.onnx").write_bytes(damaged)
        try:
            lower_onnx(tmp_path / "damaged.onnx")
        except ValueError:
            refused += 1
    assert refused > 50


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({}, "leaves open batch, x.1: say how large each is"),
        ({"batch": 2}, "leaves open x.1"),
        ({"batch": 2, "x.1": 4, "seq": 3}, "has no open size seq; it leaves open batch, x.1"),
        ({"batch": 0, "x.1": 4}, "batch is 0, but it must be at least 1"),
    ],
)
def test_sizes_that_an_onnx_file_leaves_open(tmp_path: Path, sizes: dict[str, int], message: str):
    import onnx
    from onnx import helper

    given = helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["batch", None])
    result = helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", [given], [result])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)]), tmp_path / "open.onnx")
    with pytest.raises(ValueError, match=message):
        lower_onnx(tmp_path / "open.onnx", sizes)


def test_an_onnx_shape_that_nobody_knows(tmp_path: Path):
    import onnx
    from onnx import helper

    given = helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [2, 4])
    result = helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)
    weight = helper.make_tensor("w", onnx.TensorProto.FLOAT, [4, 3], bytes(48), raw=True)
    nodes = [
        helper.make_node("Fancy", ["x"], ["h"], "mine", domain="elsewhere"),
        helper.make_node("MatMul", ["h", "w"], ["y"], "head"),
    ]
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("elsewhere", 1)]
    onnx.save(
        helper.make_model(helper.make_graph(nodes, "g", [given], [result], [weight]), opset_imports=opsets),
        tmp_path / "fancy.onnx",
    )
    with pytest.raises(ValueError, match="the shape of 'h', made by Fancy 'mine', cannot be found"):
        lower_onnx(tmp_path / "fancy.onnx")
