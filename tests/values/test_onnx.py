"""ONNX files: the multiply-accumulates of the model that was exported, and each operator by hand."""

import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest

from codesign.lowering.onnx import lower_onnx
from hw_models.program import Gemm, HostOp, Program

helper, FLOAT, INT64 = onnx.helper, onnx.TensorProto.FLOAT, onnx.TensorProto.INT64

DATA = Path(__file__).parents[1] / "data"


def described(program: Program) -> list[tuple[object, ...]]:
    return [
        (op.name, op.m, op.k, op.n, op.repeat, op.stationary_known, op.bias)
        if isinstance(op, Gemm)
        else (op.name, op.kind, op.elements, op.rows, op.repeat)
        for op in program.ops
    ]


def written(tmp_path: Path, nodes: list[object], inputs: dict[str, list[object]], weights: dict[str, list[int]],
            opset: int = 18, **values: list[int]) -> Path:  # fmt: skip
    """A file of these nodes; inputs and weights by shape, small integer constants by value."""
    path = tmp_path / "model.onnx"
    constants = [helper.make_tensor(n, FLOAT, s, bytes(4 * _size(s)), raw=True) for n, s in weights.items()]
    constants += [helper.make_tensor(n, INT64, [len(v)], v) for n, v in values.items()]
    given = [helper.make_tensor_value_info(name, FLOAT, shape) for name, shape in inputs.items()]
    result = helper.make_tensor_value_info("y", FLOAT, None)
    graph = helper.make_graph(nodes, "graph", given, [result], constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)]), path)
    return path


def _size(shape: list[int]) -> int:
    from math import prod

    return prod(shape)


@pytest.mark.parametrize(
    ("node", "inputs", "weights", "expected"),
    [
        (("MatMul", {}), {"x": [2, 5, 4]}, {"w": [4, 6]}, [(10, 4, 6, 1, True, False)]),
        (("Gemm", {"transB": 1}), {"x": [5, 4]}, {"w": [6, 4], "b": [6]}, [(5, 4, 6, 1, True, True)]),
        (("Gemm", {"transA": 1}), {"x": [4, 5]}, {"w": [4, 6]}, [(5, 4, 6, 1, True, False)]),
        (("Conv", {"pads": [1, 1, 1, 1]}), {"x": [2, 4, 5, 5]}, {"w": [6, 4, 3, 3], "b": [6]},
         [("im2col", 1800, 1, 1), (50, 36, 6, 1, True, True)]),
        (("Conv", {"group": 4}), {"x": [2, 4, 5]}, {"w": [4, 1, 3]}, [("im2col", 72, 1, 1), (6, 3, 1, 4, True, False)]),
        (("ConvTranspose", {}), {"x": [2, 4, 5]}, {"w": [4, 6, 3]},
         [(10, 4, 18, 1, True, False), ("elementwise", 180, 1, 1)]),
        (("Einsum", {"equation": "bld,dk->blk"}), {"x": [2, 5, 4]}, {"w": [4, 6]}, [(10, 4, 6, 1, True, False)]),
        (("Einsum", {"equation": "bhld,bhsd->bhls"}), {"x": [2, 3, 5, 4], "z": [2, 3, 7, 4]}, {},
         [(5, 4, 7, 6, False, False)]),
        (("MatMul", {}), {"x": [2, 3, 5, 4], "z": [2, 3, 4, 7]}, {}, [(5, 4, 7, 6, False, False)]),
        (("LSTM", {"hidden_size": 4}), {"x": [10, 2, 8]}, {"w": [1, 16, 8], "r": [1, 16, 4]},
         [(20, 8, 16, 1, True, False), (2, 4, 16, 10, True, False), ("elementwise", 9 * 80, 1, 1)]),
        (("GRU", {"hidden_size": 4, "direction": "bidirectional"}), {"x": [10, 2, 8]},
         {"w": [2, 12, 8], "r": [2, 12, 4]},
         [(20, 8, 12, 2, True, False), (2, 4, 12, 20, True, False), ("elementwise", 8 * 160, 1, 1)]),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) and isinstance(value[0], str) else "",
)  # fmt: skip
def test_operators(tmp_path: Path, node, inputs, weights, expected):
    op_type, attributes = node
    made = helper.make_node(op_type, [*inputs, *weights], ["y"], "/block/layer/op", **attributes)
    program = lower_onnx(written(tmp_path, [made], inputs, weights))
    assert [line[1:] for line in described(program)] == expected
    assert {op.name.removesuffix(".context").removesuffix(".input").removesuffix(".state") for op in program.ops} == {
        "block.layer"
    }


def test_pooling_looks_at_every_number_of_every_window(tmp_path: Path):
    node = helper.make_node("MaxPool", ["x"], ["y"], "pool", kernel_shape=[3, 3], strides=[2, 2])
    program = lower_onnx(written(tmp_path, [node], {"x": [1, 2, 7, 7]}, {}))
    assert described(program) == [("pool", "pool", 2 * 9 * 9, 1, 1)]


def test_a_batch_norm_goes_into_the_convolution_before_it(tmp_path: Path):
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["h"], "conv"),
        helper.make_node("BatchNormalization", ["h", *"abcd"], ["y"], "norm"),
    ]
    path = written(tmp_path, nodes, {"x": [1, 3, 5, 5]}, {"w": [4, 3, 1, 1], **{name: [4] for name in "abcd"}})
    assert described(lower_onnx(path)) == [("conv", 25, 3, 4, 1, True, True)]


def test_constants_are_held_whichever_side_they_stand_on(tmp_path: Path):
    node = helper.make_node("MatMul", ["w", "x"], ["y"], "left")
    program = lower_onnx(written(tmp_path, [node], {"x": [2, 4, 5]}, {"w": [6, 4]}))
    assert described(program) == [("left", 10, 4, 6, 1, True, False)]


def test_attention_as_one_operator(tmp_path: Path):
    """ai.onnx 23: 2 rows, 6 heads on 2 key-value heads, 5 queries of 4, 7 keys; heads beside the sizes."""
    node = helper.make_node("Attention", ["q", "k", "v"], ["y"], "attention", q_num_heads=6, kv_num_heads=2)
    shapes = {"q": [2, 5, 24], "k": [2, 7, 8], "v": [2, 7, 8]}
    assert described(lower_onnx(written(tmp_path, [node], shapes, {}, opset=23))) == [
        ("attention.scores", 15, 4, 7, 4, False, False),
        ("attention", "softmax", 2 * 6 * 5 * 7, 2 * 6 * 5, 1),
        ("attention.context", 15, 7, 4, 4, False, False),
    ]


def test_a_bias_that_is_added_next_belongs_to_the_product(tmp_path: Path):
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"], "a/MatMul"), helper.make_node("Add", ["b", "h"], ["i"], "a/Add"),
        helper.make_node("Add", ["i", "x"], ["y"], "b/Add"),
    ]  # fmt: skip
    program = lower_onnx(written(tmp_path, nodes, {"x": [3, 4]}, {"w": [4, 4], "b": [4]}))
    assert described(program) == [("a", 3, 4, 4, 1, True, True), ("b", "residual", 12, 1, 1)]


def test_shapes_that_are_computed_are_followed(tmp_path: Path):
    """As exporters write x.reshape(x.shape[0], -1) for a batch left open."""
    nodes = [
        helper.make_node("Shape", ["x"], ["shape"]), helper.make_node("Gather", ["shape", "zero"], ["batch"]),
        helper.make_node("Concat", ["batch", "rest"], ["target"], axis=0),
        helper.make_node("Reshape", ["x", "target"], ["flat"]),
        helper.make_node("MatMul", ["flat", "w"], ["y"], "head"),
    ]  # fmt: skip
    path = written(tmp_path, nodes, {"x": ["batch", 3, 4]}, {"w": [12, 5]}, zero=[0], rest=[-1])
    program = lower_onnx(path, {"batch": 7})
    assert described(program) == [("head", 7, 12, 5, 1, True, False)]
    assert program.request == {"batch": 7}


def test_batch_and_seq_stand_for_the_names_that_hold_them(tmp_path: Path):
    node = helper.make_node("MatMul", ["x", "w"], ["y"], "head")
    path = written(tmp_path, [node], {"x": ["batch_size", "sequence_length", 4]}, {"w": [4, 5]})
    program = lower_onnx(path, {"batch": 2, "seq": 7})
    assert described(program) == [("head", 14, 4, 5, 1, True, False)]
    assert program.request == {"batch": 2, "seq": 7}


def test_what_cannot_be_mapped_is_named_once(tmp_path: Path):
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"], "head"),
        helper.make_node("GridSample", ["h", "g"], ["i"]), helper.make_node("Det", ["i"], ["y"]),
    ]  # fmt: skip
    path = written(tmp_path, nodes, {"x": [1, 1, 4, 4], "g": [1, 4, 4, 2]}, {"w": [4, 4]})
    with pytest.warns(UserWarning, match="left out") as warned:
        lower_onnx(path)
    (message,) = [str(w.message) for w in warned]
    # 16 of a determinant and 32 of a grid beside 2 x 64
    assert message == "lower: left out of the program, at least 27.27% of its FLOPs: ai.onnx::GridSample, ai.onnx::Det"


def test_an_exported_llama_without_its_weights():
    """Made by torch 2.13's exporter (opset 18) of the Llama below; weights cut off, only names of modules kept."""
    from transformers import LlamaConfig, LlamaForCausalLM

    from codesign.lowering import lower

    config = LlamaConfig(vocab_size=100, hidden_size=16, num_hidden_layers=2, num_attention_heads=4,
                         num_key_value_heads=2, intermediate_size=32)  # fmt: skip
    import torch

    traced = lower(LlamaForCausalLM(config), torch.zeros(2, 12, dtype=torch.long))
    read = lower_onnx(DATA / "llama_dynamo.onnx")
    products = [(f"m.{op.name}", *line[1:]) for op, line in zip(traced.ops, described(traced), strict=True)
                if isinstance(op, Gemm)]  # fmt: skip
    assert [line for line in described(read) if len(line) == 7] == products
    kinds = [(op.kind, op.elements, op.rows) for op in traced.ops if isinstance(op, HostOp)]
    for kind in ("rms_norm", "softmax", "silu"):
        found = [(op.kind, op.elements, op.rows) for op in read.ops if isinstance(op, HostOp) and op.kind == kind]
        assert found == [entry for entry in kinds if entry[0] == kind]


def exported(tmp_path: Path, model: object, example: object, axes: dict[int, str]) -> Path:
    import torch

    class First(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.m = model

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.m(x)[0]

    path = tmp_path / "exported.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(First().eval(), (example,), path, dynamo=False, opset_version=14, input_names=["x"],
                          dynamic_axes={"x": axes})  # fmt: skip
    return path


def vit() -> tuple[object, object, dict[int, str], dict[str, int]]:
    import torch
    from transformers import ViTConfig, ViTForImageClassification

    config = ViTConfig(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, image_size=32,
                       patch_size=8)  # fmt: skip
    return ViTForImageClassification(config), torch.zeros(3, 3, 32, 32), {0: "batch"}, {"batch": 3}


def bert() -> tuple[object, object, dict[int, str], dict[str, int]]:
    import torch
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=100, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    ids = torch.zeros(2, 12, dtype=torch.long)
    return BertModel(config, add_pooling_layer=False), ids, {0: "batch", 1: "seq"}, {"batch": 2, "seq": 12}


def swin() -> tuple[object, object, dict[int, str], dict[str, int]]:
    import torch
    from transformers import SwinConfig, SwinForImageClassification

    config = SwinConfig(embed_dim=16, depths=[2], num_heads=[2], image_size=32, patch_size=2, window_size=4)
    return SwinForImageClassification(config), torch.zeros(2, 3, 32, 32), {0: "batch"}, {"batch": 2}


@pytest.mark.parametrize("make", [vit, bert, swin], ids=lambda make: make.__name__)
def test_exported_models_have_the_macs_of_the_model(make: Callable[[], tuple], tmp_path: Path):
    from codesign.lowering import lower

    model, example, axes, sizes = make()
    read = lower_onnx(exported(tmp_path, model, example, axes), sizes)
    traced = lower(model, example)
    assert read.macs == traced.macs
    for kind in ("layer_norm", "gelu", "softmax"):  # nine, five and one node each
        assert _elements(read, kind) == _elements(traced, kind)


def _elements(program: Program, kind: str) -> int:
    return sum(op.elements * op.repeat for op in program.ops if isinstance(op, HostOp) and op.kind == kind)


def test_no_torch_is_needed():
    script = (
        f"import sys; from codesign.lowering.onnx import lower_onnx; lower_onnx({str(DATA / 'llama_dynamo.onnx')!r})"
    )
    subprocess.run([sys.executable, "-c", f"{script}; assert 'torch' not in sys.modules"], check=True)
