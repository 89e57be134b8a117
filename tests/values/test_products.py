"""Operators one by one: sizes worked by hand, and multiply-accumulates beside torch's own count where it has one."""

import functools
import operator

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from codesign.lowering import lower
from hw_models.program import Gemm, HostOp, Program


def products(program: Program) -> list[tuple[int, int, int, int, bool]]:
    """(m, k, n, repeat, weight known)."""
    return [(op.m, op.k, op.n, op.repeat, op.stationary_known) for op in program.ops if isinstance(op, Gemm)]


def host(program: Program) -> list[tuple[str, int, int, int]]:
    return [(op.kind, op.elements, op.rows, op.repeat) for op in program.ops if isinstance(op, HostOp)]


def counted_macs(model: nn.Module, *inputs: torch.Tensor) -> int:
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        model(*inputs)
    return counter.get_total_flops() // 2


@pytest.mark.parametrize(
    ("layer", "inputs", "expected", "im2col"),
    [
        # 5 x 5 pixels, kernel 3, padding 1: 25 positions a picture
        (nn.Conv2d(4, 6, 3, padding=1), (2, 4, 5, 5), (50, 36, 6, 1), 50 * 36),
        # a patch embedding: each patch is a row
        (nn.Conv2d(3, 8, 4, stride=4), (1, 3, 8, 8), (4, 48, 8, 1), 4 * 48),
        (nn.Conv2d(4, 6, 1), (2, 4, 5, 5), (50, 4, 6, 1), None),
        # two groups, each of 2 inputs and 3 outputs
        (nn.Conv2d(4, 6, 3, groups=2), (1, 4, 5, 5), (9, 18, 3, 2), 9 * 36),
        # depthwise: one input, one output, a channel
        (nn.Conv1d(8, 8, 3, groups=8), (2, 8, 10), (16, 3, 1, 8), 16 * 24),
        (nn.Conv1d(8, 4, 3, stride=2, dilation=2), (2, 8, 11), (8, 24, 4, 1), 8 * 24),
        (nn.Conv1d(8, 4, 3, padding="same"), (2, 8, 11), (22, 24, 4, 1), 22 * 24),
        (nn.Conv3d(2, 4, (1, 2, 2)), (1, 2, 3, 4, 4), (27, 8, 4, 1), 27 * 8),
    ],
    ids=lambda value: str(value) if isinstance(value, nn.Module) else "",
)
def test_convolutions(
    layer: nn.Module, inputs: tuple[int, ...], expected: tuple[int, int, int, int], im2col: int | None
):
    program = lower(layer, torch.zeros(inputs))
    assert products(program) == [(*expected, True)]
    assert host(program) == ([("im2col", im2col, 1, 1)] if im2col else [])
    assert program.macs == counted_macs(layer, torch.zeros(inputs))


@pytest.mark.parametrize("groups", [1, 2])
def test_a_transposed_convolution_makes_a_patch_of_each_input(groups: int):
    layer = nn.ConvTranspose2d(4, 6, 3, stride=2, groups=groups)
    program = lower(layer, torch.zeros(2, 4, 5, 5))
    assert products(program) == [(50, 4 // groups, 6 // groups * 9, groups, True)]
    assert host(program) == [("elementwise", 50 * 6 * 9, 1, 1)]
    assert program.macs == counted_macs(layer, torch.zeros(2, 4, 5, 5))


class Function(nn.Module):
    """A function of the input and one parameter."""

    def __init__(self, function, *shape: int) -> None:
        super().__init__()
        self.function, self.w = function, nn.Parameter(torch.zeros(shape))

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        return self.function(*inputs, self.w)


@pytest.mark.parametrize(
    ("function", "inputs", "weight", "expected"),
    [
        (torch.matmul, (2, 5, 4), (4, 6), (10, 4, 6, 1, True)),
        (lambda x, w: torch.matmul(w, x), (2, 4, 5), (6, 4), (10, 4, 6, 1, True)),  # turned: the array holds w
        (lambda x, w: x @ w, (4,), (4, 6), (1, 4, 6, 1, True)),
        (lambda x, w: w @ x, (4,), (6, 4), (1, 4, 6, 1, True)),
        (torch.bmm, (3, 5, 4), (3, 4, 6), (5, 4, 6, 3, True)),  # a matrix for each
        (lambda x, w: x @ x.transpose(1, 2) + w, (3, 5, 4), (1,), (5, 4, 5, 3, False)),
        (lambda x, w: torch.einsum("bld,od->blo", x, w), (2, 5, 4), (6, 4), (10, 4, 6, 1, True)),
        (lambda x, w: torch.einsum("bld,dhk->blhk", x, w), (2, 5, 4), (4, 2, 3), (10, 4, 6, 1, True)),
        (lambda x, w: torch.einsum("bhld,bhsd->bhls", x, x * w), (2, 3, 5, 4), (1,), (5, 4, 5, 6, False)),
        (lambda x, w: functional.linear(x, w), (7, 1, 4), (6, 4), (7, 4, 6, 1, True)),
    ],
)
def test_matrix_products(function, inputs, weight, expected):
    program = lower(Function(function, *weight), torch.zeros(inputs))
    assert products(program) == [expected]


def test_an_added_bias_belongs_to_the_product_and_an_added_activation_does_not():
    by_parameter, by_activation = nn.Linear(4, 6), Function(lambda y, x, w: torch.addmm(y, x, w), 4, 6)
    assert [op.bias for op in lower(by_parameter, torch.zeros(3, 4)).ops] == [True]
    program = lower(by_activation, (torch.zeros(3, 6), torch.zeros(3, 4)))
    assert host(program) == [("elementwise", 18, 1, 1)]
    assert not program.ops[0].bias


@pytest.mark.parametrize("causal", [False, True])
def test_attention_computes_every_score(causal: bool):
    """2 pictures of 3 heads: 5 queries, 7 keys of 4, values of 6. Masked scores are computed like the others."""

    class Attend(nn.Module):
        def forward(self, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
            return functional.scaled_dot_product_attention(q, k, v, is_causal=causal)

    program = lower(Attend(), (torch.zeros(2, 3, 5, 4), torch.zeros(2, 3, 7, 4), torch.zeros(2, 3, 7, 6)))
    assert products(program) == [(5, 4, 7, 6, False), (5, 7, 6, 6, False)]
    assert host(program) == [("softmax", 2 * 3 * 5 * 7, 2 * 3 * 5, 1)]
    assert [op.name for op in program.ops] == ["scores", "softmax", "context"]


@pytest.mark.parametrize("written", ["enable_gqa", "expand", "repeat_interleave"])
def test_heads_that_share_keys_stream_through_them_together(written: str):
    """6 query heads on 2 key-value heads: 3 x 5 rows for each of 2 x 2 sets of keys, however that is written."""

    class Attend(nn.Module):
        def forward(self, q: torch.Tensor, kv: torch.Tensor) -> torch.Tensor:
            if written == "enable_gqa":
                return functional.scaled_dot_product_attention(q, kv, kv, enable_gqa=True)
            if written == "expand":
                kv = kv[:, :, None].expand(2, 2, 3, 7, 4).reshape(2, 6, 7, 4)
            else:
                kv = kv.repeat_interleave(3, dim=1)
            return torch.softmax(q @ kv.transpose(2, 3), -1) @ kv

    program = lower(Attend(), (torch.zeros(2, 6, 5, 4), torch.zeros(2, 2, 7, 4)))
    assert products(program) == [(15, 4, 7, 4, False), (15, 7, 4, 4, False)]
    assert [op.name for op in program.ops if isinstance(op, Gemm)] == ["scores", "context"]


@pytest.mark.parametrize(
    ("layer", "gates", "operations"), [(nn.LSTM(8, 4), 4, 9), (nn.GRU(8, 4), 3, 8), (nn.RNN(8, 4), 1, 2)]
)
def test_recurrent_layers(layer: nn.Module, gates: int, operations: int):
    """10 steps of 2 sequences: the inputs of all steps at once, the state step by step."""
    program = lower(layer, torch.zeros(10, 2, 8))
    assert products(program) == [(20, 8, gates * 4, 1, True), (2, 4, gates * 4, 10, True)]
    assert host(program) == [("elementwise", operations * 20 * 4, 1, 1)]
    assert program.ops[0].name == "weight_ih_l0"


def test_recurrent_layers_stacked_in_both_directions():
    layer = nn.LSTM(8, 4, num_layers=2, bidirectional=True, batch_first=True, proj_size=3)
    program = lower(layer, torch.zeros(2, 10, 8))
    layers = [[(20, k, 16, 1, True), (2, 3, 16, 10, True), (2, 4, 3, 10, True)] for k in (8, 8, 6, 6)]
    assert products(program) == functools.reduce(operator.iadd, layers, [])


def test_a_packed_batch_has_fewer_rows_as_sequences_end():
    """Sequences of 5 and 3 steps: three steps of 2 rows, two of 1."""

    class Packed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.GRU(8, 4)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.rnn(nn.utils.rnn.pack_padded_sequence(x, torch.tensor([5, 3])))[0].data

    program = lower(Packed(), torch.zeros(5, 2, 8))
    assert products(program) == [(8, 8, 12, 1, True), (2, 4, 12, 3, True), (1, 4, 12, 2, True)]


def test_a_norm_that_is_called_by_keyword_is_counted():
    class ByKeyword(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm = nn.LayerNorm(8)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.norm(input=x)

    assert host(lower(ByKeyword(), torch.zeros(2, 3, 8))) == [("layer_norm", 48, 6, 1)]


def test_a_mixture_s_experts_share_the_tokens():
    """7 tokens on 3 experts: as the router chose, 1 + 5 + 1; where its choice is not known, 3 + 2 + 2."""

    class Experts(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w = nn.Parameter(torch.zeros(3, 4, 8, dtype=torch.bfloat16))

        def forward(self, x: torch.Tensor, ends: torch.Tensor) -> torch.Tensor:
            return torch._grouped_mm(x, self.w, offs=ends)

    tokens, ends = torch.zeros(7, 4, dtype=torch.bfloat16), torch.tensor([1, 6, 7], dtype=torch.int32)
    assert products(lower(Experts(), (tokens, ends))) == [(1, 4, 8, 2, True), (5, 4, 8, 1, True)]
    assert products(lower(Experts(), (tokens, ends.to("meta")))) == [(3, 4, 8, 1, True), (2, 4, 8, 2, True)]


def test_norms_activations_and_sums():
    """Rows: what a norm goes over is one row. A norm that a model writes out is one operation."""

    class LlamaRMSNorm(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.ones(8))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6))

    model = nn.Sequential(
        nn.LayerNorm(8), LlamaRMSNorm(), nn.GELU(), nn.SiLU(), nn.ReLU(), nn.Softmax(-1), nn.Sigmoid(), nn.Dropout(),
        nn.Flatten(), nn.Unflatten(1, (3, 8)), nn.BatchNorm1d(3), nn.GroupNorm(1, 3), nn.AvgPool1d(2), nn.Identity(),
        nn.ReLU6(inplace=True),
    )  # fmt: skip
    assert host(lower(model, torch.zeros(2, 3, 8))) == [
        ("layer_norm", 48, 6, 1), ("rms_norm", 48, 6, 1), ("gelu", 48, 1, 1), ("silu", 48, 1, 1), ("relu", 48, 1, 1),
        ("softmax", 48, 6, 1), ("elementwise", 48, 1, 1), ("batch_norm", 48, 1, 1), ("layer_norm", 48, 2, 1),
        ("pool", 48, 1, 1), ("relu", 24, 1, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("layer", "elements"),
    [
        (nn.MaxPool2d(3, 2), 2 * 3 * 3 * 9),  # 3 x 3 windows of 9 on 7 x 7: those that overlap are looked at twice
        (nn.AvgPool2d(7), 2 * 49),
        (nn.AdaptiveAvgPool2d(1), 2 * 49),
        (nn.Upsample(scale_factor=2.0, mode="bilinear"), 2 * 14 * 14 * 4),
    ],
    ids=str,
)
def test_pooling_looks_at_every_number_of_every_window(layer: nn.Module, elements: int):
    assert host(lower(layer, torch.zeros(1, 2, 7, 7))) == [("pool", elements, 1, 1)]


def test_what_is_the_same_for_every_input_is_no_work():
    class Positions(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table = nn.Embedding(9, 4)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x + torch.tanh(self.table(torch.arange(3))) * 2

    assert host(lower(Positions(), torch.zeros(2, 3, 4))) == [("elementwise", 24, 1, 1)]


def test_a_batch_norm_goes_into_the_product_before_it():
    """Right after a convolution or a linear layer it is a bias; after anything else it is work."""
    convolution = nn.Sequential(nn.Conv2d(3, 4, 1, bias=False), nn.BatchNorm2d(4), nn.ReLU(inplace=True))
    (product, relu) = lower(convolution, torch.zeros(1, 3, 5, 5)).ops
    assert (product.name, product.bias, relu.kind) == ("0", True, "relu")
    for between in (nn.ReLU(), nn.ReLU(inplace=True)):
        apart = nn.Sequential(nn.Linear(3, 4, bias=False), between, nn.BatchNorm1d(4))
        program = lower(apart, torch.zeros(2, 3))
        assert [op.bias for op in program.ops if isinstance(op, Gemm)] == [False]
        assert host(program) == [("relu", 8, 1, 1), ("batch_norm", 8, 1, 1)]


def test_a_softmax_on_a_layer_s_output_makes_no_scores_of_it():
    program = lower(nn.Sequential(nn.Linear(3, 4), nn.Softmax(-1)), torch.zeros(2, 3))
    assert [op.name for op in program.ops] == ["0", "1"]


def test_a_rotary_embedding_is_one_operation():
    """Multiplied by a cosine, turned by half, multiplied by a sine, added: one thing, once for each number."""

    class Rotate(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            angle = torch.arange(5.0)[:, None] * torch.arange(4.0)
            angle = torch.cat((angle, angle), -1)
            turned = torch.cat((-x[..., 4:], x[..., :4]), -1)
            return x * angle.cos() + turned * angle.sin()

    assert host(lower(Rotate(), torch.zeros(2, 5, 8))) == [("rotary", 80, 1, 1)]


def test_a_residual_is_a_sum_of_two_activations():
    class Sums(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.position = nn.Parameter(torch.zeros(4))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return (x + self.position) + x

    assert host(lower(Sums(), torch.zeros(3, 4))) == [("elementwise", 12, 1, 1), ("residual", 12, 1, 1)]


def test_what_cannot_be_mapped_is_named_once_with_its_share():
    """A Fourier transform of 64 numbers beside 64 x 64 x 2 multiply-accumulates: 2 x 128 of 256 + 2 x 8192."""

    class Fourier(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(64, 64)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.layer(torch.fft.fft(torch.fft.ifft(x)).real)

    with pytest.warns(UserWarning, match="left out") as warned:
        lower(Fourier(), torch.zeros(2, 64))
    (message,) = [str(w.message) for w in warned]
    assert message == ("lower: left out of the program, at least 1.54% of its FLOPs: aten::_fft_c2c, aten::_fft_r2c")
