"""codesign/workloads/vision: pictures, nets, heads and training; by hand and against torch."""

import hashlib
import struct
from importlib.resources import files

import numpy as np
import pytest
import torch
from torch import nn

from codesign.workloads.base import Data, Request
from codesign.workloads.vision import pictures as pictures_file
from codesign.workloads.vision.classify import Classified, Classify, TopOne
from codesign.workloads.vision.folder import folder_album
from codesign.workloads.vision.head import ridge
from codesign.workloads.vision.nets import net
from codesign.workloads.vision.pictures import Pictures, Preparation, preparation
from codesign.workloads.vision.small_vit import SHAPE, small_vit
from codesign.workloads.vision.training import Recipe, start, train, trained
from codesign.workloads.vision.transformer import VisionTransformer, VitShape
from codesign.workloads.vision.weights import SHIPPED, load_weights, save_weights, shipped


def stripes(count: int = 160) -> Pictures:
    """Stripes that lie or stand, with noise: two classes that any net learns."""
    chance = torch.Generator().manual_seed(0)
    labels = torch.arange(count) % 2
    lying = (torch.arange(28) // 4 % 2 * 200)[:, None].expand(28, 28)
    images = torch.stack([lying if label else lying.T for label in labels])
    noise = torch.randint(0, 55, images.shape, generator=chance)
    return Pictures((images + noise).to(torch.uint8)[:, None], labels, ("standing", "lying"))


def judged(pictures: Pictures) -> Data:
    return Data([], pictures, Request(lambda model: None, {}), "")


@pytest.mark.parametrize("name", ["mlp-2x50", "lenet5", "resnet20", "vgg16", "small-vit"])
def test_every_net_learns_what_is_plain(name):
    pictures = stripes()
    prepare = preparation(pictures, 28)
    build = (lambda: small_vit(pictures)) if name == "small-vit" else (lambda: net(name, 1, 28, 2, 0.125))
    model = start(build, 0)
    train(model, pictures, prepare, Recipe(epochs=4, batch=16, threads=1))
    assert TopOne(prepare)(model, judged(pictures)).value > 0.95


def test_training_is_seeded_and_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("CODESIGN_CACHE", str(tmp_path))
    pictures, made = stripes(64), []

    def build() -> nn.Module:
        made.append(1)
        return net("mlp-1x8", 1, 28, 2, 1.0)

    asked = (build, "mlp", pictures, preparation(pictures, 28), Recipe(epochs=1, batch=16, threads=1))
    torch.manual_seed(1)
    chance = torch.rand(1)
    torch.manual_seed(1)
    first = trained(*asked)
    assert torch.equal(torch.rand(1), chance), "somebody else's chance was touched"
    (kept,) = (tmp_path / "nets").glob("*.safetensors")
    again = trained(*asked)
    kept.unlink()
    anew = trained(*asked)
    for other in (again, anew):
        assert all(torch.equal(a, b) for a, b in zip(first.parameters(), other.parameters(), strict=True))
    other_seed = trained(*asked[:-1], Recipe(epochs=1, batch=16, threads=1, seed=1))
    assert not torch.equal(next(first.parameters()), next(other_seed.parameters()))


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("lenet5", 61_706),  # LeCun's C3 connects all maps here: 6x26 + 16x151 + 120x401 + 84x121 + 10x85
        ("mlp-2x50", 784 * 50 + 50 + 50 * 50 + 50 + 50 * 10 + 10),
        ("mlp-6x500", 784 * 500 + 500 + 5 * (500 * 500 + 500) + 500 * 10 + 10),
    ],
)
def test_sizes_are_the_published_ones(name, parameters):
    assert sum(p.numel() for p in net(name, 1, 28, 10, 1.0).parameters()) == parameters


def test_resnet20_and_vgg16_at_full_width_have_the_published_convolutions():
    convolutions = [layer for layer in net("resnet20", 3, 32, 10, 1.0).modules() if isinstance(layer, nn.Conv2d)]
    assert sum(layer.kernel_size == (3, 3) for layer in convolutions) == 19
    # He et al. table 6: 0.27 M; the ways around are 1x1 here.
    assert sum(layer.weight.numel() for layer in convolutions) == pytest.approx(270_000, rel=0.02)
    vgg = [layer for layer in net("vgg16", 3, 32, 10, 1.0).modules() if isinstance(layer, nn.Conv2d)]
    assert (len(vgg), sum(layer.weight.numel() for layer in vgg)) == (13, 14_710_464)


def test_layers_of_the_transformer_are_torch_s_own():
    torch.manual_seed(0)
    ours = VisionTransformer(VitShape(28, 7, 1, 32, 1, 4, 3)).eval()
    layer = ours.layers[0]
    theirs = nn.TransformerEncoderLayer(
        32, 4, 128, activation="gelu", batch_first=True, norm_first=True, layer_norm_eps=1e-6, dropout=0.0
    ).eval()
    with torch.no_grad():
        for part, others in (("weight", "in_proj_weight"), ("bias", "in_proj_bias")):
            stacked = torch.cat([getattr(getattr(layer.attention, f"{side}_proj"), part) for side in "qkv"])
            getattr(theirs.self_attn, others).copy_(stacked)
            for mine, other in (
                (layer.attention.o_proj, theirs.self_attn.out_proj),
                (layer.mlp.fc1, theirs.linear1),
                (layer.mlp.fc2, theirs.linear2),
            ):
                getattr(other, part).copy_(getattr(mine, part))
        x = torch.randn(2, 16, 32)
        torch.testing.assert_close(layer(x), theirs(x), atol=1e-5, rtol=1e-5)
    assert ours.shape.tokens == 16
    assert SHAPE.tokens == 16


def test_ridge_is_least_squares_where_there_is_no_ridge():
    chance = torch.Generator().manual_seed(0)
    x, labels = torch.randn(60, 5, generator=chance), torch.arange(60) % 3
    weight, bias = ridge(x, labels, 3, strength=0.0)
    targets = 2 * nn.functional.one_hot(labels, 3).double() - 1
    design = torch.cat([x.double(), torch.ones(60, 1, dtype=torch.float64)], 1)
    theirs = torch.linalg.lstsq(design, targets).solution
    torch.testing.assert_close(weight.double(), theirs[:5].T, atol=1e-9, rtol=0)
    torch.testing.assert_close(bias.double(), theirs[5], atol=1e-9, rtol=0)


def test_preparation_scales_resizes_and_repeats_grey():
    prepare = Preparation(4, (0.5, 0.0, 0.5), (0.5, 1.0, 0.25))
    made = prepare(torch.full((2, 1, 2, 2), 255, dtype=torch.uint8))
    assert made.shape == (2, 3, 4, 4)
    torch.testing.assert_close(made[0, :, 0, 0], torch.tensor([1.0, 1.0, 2.0]))


def test_top_one_counts_and_leaves_the_model_alone():
    class Constant(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.tensor([0.1, 0.9]))

        def forward(self, pixel_values: torch.Tensor) -> Classified:
            return Classified(None, self.weight.expand(len(pixel_values), 2))

    seen: list[tuple[int, int]] = []
    found = TopOne(preparation(stripes(), 28), batch=100)(
        Constant(), judged(stripes()), lambda done, of: seen.append((done, of))
    )
    assert (found.value, found.n, seen) == (0.5, 160, [(100, 160), (160, 160)])
    assert Classify(1, 28, 3)(Constant()).shape == (3, 2)


def test_idx_files_are_read(monkeypatch):
    raw = b"\0\0\x08\x03" + struct.pack(">III", 2, 2, 3) + bytes(range(12))
    assert pictures_file._idx(raw).tolist() == np.arange(12).reshape(2, 2, 3).tolist()
    with pytest.raises(ValueError, match="not a whole IDX file"):
        pictures_file._idx(raw[:-1])


def test_a_folder_of_pictures_is_read_cut_and_divided(tmp_path):
    from PIL import Image

    for name, level in (("cat", 40), ("dog", 200)):
        for side, count in (("train", 3), ("test", 2)):
            (tmp_path / side / name).mkdir(parents=True)
            for index in range(count):
                image = Image.new("RGB", (30, 20), (level, index, 0))
                image.putpixel((0, 0), (255, 255, 255))  # outside the middle: it is cut away
                image.save(tmp_path / side / name / f"{index}.png")
    album = folder_album(tmp_path, 10)
    assert (len(album.train), len(album.test), album.train.images.shape[1:]) == (6, 4, (3, 10, 10))
    assert sorted(album.train.labels.tolist()) == [0, 0, 0, 1, 1, 1]
    red = album.test.images[:, 0, 5, 5]
    assert [level == 200 for level in red.tolist()] == (album.test.labels == 1).tolist()
    undivided = folder_album(tmp_path / "train", 10)
    assert (len(undivided.train), len(undivided.test)) == (5, 1)


def test_weights_are_written_whole_and_refused_where_they_do_not_fit(tmp_path):
    model = nn.Linear(3, 2)
    save_weights(model, tmp_path / "w.safetensors")
    assert [path.name for path in tmp_path.iterdir()] == ["w.safetensors"]
    content = (tmp_path / "w.safetensors").read_bytes()
    other = nn.Linear(3, 2)
    load_weights(other, content, "w")
    assert torch.equal(other.weight, model.weight)
    for wrong, name in ((content[:-3], "cut off"), (b"rubbish", "no file of weights")):
        with pytest.raises(ValueError, match="damaged, or of another model"):
            load_weights(nn.Linear(3, 2), wrong, name)
    with pytest.raises(ValueError, match="damaged, or of another model"):
        load_weights(nn.Linear(4, 2), content, "other")


@pytest.mark.parametrize("name", SHIPPED)
def test_weights_that_ship_are_there_small_and_what_they_were(name):
    content = (files("codesign.workloads.vision") / "shipped" / name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == SHIPPED[name]
    assert len(content) < 4_000_000


def test_weights_that_should_ship_but_do_not_or_are_damaged(monkeypatch):
    monkeypatch.setitem(SHIPPED, "small-vit.safetensors", "0" * 64)
    with pytest.raises(ValueError, match=r"small-vit.safetensors: the file that ships is damaged"):
        shipped(nn.Linear(1, 1), "small-vit.safetensors")
    with pytest.raises(ValueError, match=r"other.safetensors: they ship with this package, but are not there"):
        shipped(nn.Linear(1, 1), "other.safetensors")
