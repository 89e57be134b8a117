"""codesign/quality/formats.py: by hand, and against torch's own quantiser."""

import copy

import pytest
import torch
from torch import nn

from codesign.quality.formats import (
    int8_per_sample,
    int8_per_tensor,
    with_activation_format,
    with_weight_format,
)


def test_int8_rounds_to_the_scale_of_the_largest():
    weight = torch.tensor([[1.27, -1.27, 0.0], [0.004, 0.0051, -0.0149]])  # scale 0.01
    expected = torch.tensor([[1.27, -1.27, 0.0], [0.0, 0.01, -0.01]])
    torch.testing.assert_close(int8_per_tensor(weight), expected, atol=1e-7, rtol=0)


def test_int8_agrees_with_torch():
    weight = torch.randn(64, 48, generator=torch.Generator().manual_seed(0))
    scale = (weight.abs().max() / 127).item()
    theirs = torch.fake_quantize_per_tensor_affine(weight, scale, 0, -127, 127)
    torch.testing.assert_close(int8_per_tensor(weight), theirs, atol=1e-6, rtol=0)


def test_pruned_weights_stay_zero_and_an_empty_layer_is_no_problem():
    weight = torch.randn(8, 8) * (torch.rand(8, 8) > 0.5)
    assert (int8_per_tensor(weight)[weight == 0] == 0).all()
    assert (int8_per_tensor(torch.zeros(4, 4)) == 0).all()


def model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 3, 3), nn.Flatten(), nn.Linear(3 * 4, 5), nn.LayerNorm(5), nn.Linear(5, 5))


@pytest.mark.parametrize("weight_format", ["int8", "fp16", "bf16"])
def test_a_copy_is_rounded_and_biases_and_norms_are_not(weight_format):
    net = model()
    before = copy.deepcopy(net.state_dict())
    stored = with_weight_format(net, weight_format)
    after = stored.state_dict()
    for name, tensor in net.state_dict().items():
        assert torch.equal(tensor, before[name]), "the model itself was changed"
        matrix = name in {"0.weight", "2.weight", "4.weight"}
        assert torch.equal(after[name], tensor) is not matrix, name
    again = with_weight_format(stored, weight_format).state_dict()
    for name in after:
        torch.testing.assert_close(again[name], after[name], atol=1e-6, rtol=0)


def test_fp32_is_the_model_itself():
    net = model()
    assert with_weight_format(net, "fp32") is net
    assert with_activation_format(net, "fp32") is net


def test_a_tied_weight_is_rounded_once_and_stays_tied():
    net = nn.ModuleDict({"embedding": nn.Embedding(6, 4), "head": nn.Linear(4, 6, bias=False)})
    net["head"].weight = net["embedding"].weight
    stored = with_weight_format(net, "int8")
    assert stored["head"].weight is stored["embedding"].weight
    torch.testing.assert_close(stored["head"].weight, int8_per_tensor(net["head"].weight))


def test_activations_are_rounded_alone_whatever_else_is_in_the_batch():
    x = torch.randn(3, 7, 4) * torch.tensor([1.0, 100.0, 0.0])[:, None, None]
    rounded = int8_per_sample(x)
    for index in range(3):
        torch.testing.assert_close(rounded[index], int8_per_tensor(x[index]))


def test_layers_see_rounded_inputs_and_the_copy_can_be_copied():
    net = nn.Sequential(nn.Linear(3, 2, bias=False))
    with torch.no_grad():
        net[0].weight.copy_(torch.eye(2, 3))
    x = torch.tensor([[1.27, 0.004, 0.5]])
    rounded = copy.deepcopy(with_activation_format(net, "int8"))
    torch.testing.assert_close(rounded(x), torch.tensor([[1.27, 0.0]]), atol=1e-7, rtol=0)
    torch.testing.assert_close(net(x), x[:, :2])


@pytest.mark.parametrize("make", [with_weight_format, with_activation_format])
def test_an_unknown_format_is_named(make):
    with pytest.raises(ValueError, match=r"'int3' is not one of fp32, fp16, bf16, int8"):
        make(model(), "int3")
