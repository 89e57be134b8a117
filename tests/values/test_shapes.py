"""Do the shapes have the MACs and the weights of the networks they are named after?"""

import pytest

from hw_models import Gemm
from hw_models.shapes import SHAPES, shape_program


def weights(program):
    """Elements of weight matrices, each once: a grouped convolution's groups differ, a decoder's steps do not."""
    total = 0
    for op in program.ops:
        if isinstance(op, Gemm) and op.stationary_known:
            groups = op.repeat if op.name.endswith(("position", "depthwise")) and op.repeat > 1 else 1
            total += op.k * op.n * groups
    return total


def test_a_vit_block_by_hand():
    """197 tokens, 768 wide, 12 heads of 64: projections, scores, context, two layers of 3,072."""
    block = 4 * 197 * 768 * 768 + 2 * 12 * 197 * 197 * 64 + 2 * 197 * 768 * 3072
    assert shape_program("vit-base").macs == 196 * 768 * 768 + 12 * block + 768 * 1000


def test_llama_by_hand():
    block = 4 * 512 * 4096**2 + 2 * 32 * 512 * 512 * 128 + 3 * 512 * 4096 * 11008
    assert shape_program("llama-7b", seq=512).macs == 32 * block + 4096 * 32000


def test_grouped_key_heads_by_hand():
    block = 2 * 10 * 576**2 + 2 * 10 * 576 * 192 + 2 * 9 * 10 * 10 * 64 + 3 * 10 * 576 * 1536
    assert shape_program("smollm2-135m", seq=10).macs == 30 * block + 576 * 49152


def test_vgg16_by_hand():
    """The thirteen convolutions at their output sizes, and three layers: 15.47 G, the published figure."""
    convolutions = (
        (224, 3, 64), (224, 64, 64), (112, 64, 128), (112, 128, 128), (56, 128, 256), (56, 256, 256), (56, 256, 256),
        (28, 256, 512), (28, 512, 512), (28, 512, 512), (14, 512, 512), (14, 512, 512), (14, 512, 512),
    )  # fmt: skip
    macs = sum(side * side * 9 * inputs * outputs for side, inputs, outputs in convolutions)
    assert shape_program("vgg-16").macs == macs + 25088 * 4096 + 4096 * 4096 + 4096 * 1000 == 15_470_264_320


def test_resnet50_is_as_torchvision_counts_it():
    """4.09 G multiply-adds: torchvision's documentation of ResNet50_Weights."""
    assert shape_program("resnet-50").macs == 4_089_184_256


def test_sasp_blocks_have_the_tiles_that_its_kernel_has():
    """Tiles of an 8x8 array: attention weights 16,384, feed-forward 32,768, scores and context 2,048; 419.4 M MACs."""
    program = shape_program("sasp-librispeech")
    tiles = {"attention": 0, "feed_forward": 0, "computed": 0}
    for op in program.ops:
        if isinstance(op, Gemm):
            kind = op.name.split(".")[0] if op.stationary_known else "computed"
            tiles[kind] += -(-op.k // 8) * -(-op.n // 8) * op.repeat
    assert tiles == {"attention": 16384, "feed_forward": 32768, "computed": 2048}
    assert program.macs == 128 * (4 * 512**2 + 2 * 512 * 2048) + 2 * 4 * 128 * 128 * 128 == 419_430_400


def test_a_decoder_written_step_by_step_by_hand():
    """Whisper tiny, 1 s: 50 positions, 4 tokens; the attention over the tokens so far grows from 1 to 4."""
    program = shape_program("whisper-tiny", seq=50)
    assert program.request["decoded_tokens"] == 4
    convolutions = 100 * 3 * 80 * 384 + 50 * 3 * 384 * 384
    encoder = 4 * (4 * 50 * 384**2 + 2 * 6 * 50 * 50 * 64 + 2 * 50 * 384 * 1536)
    step = 4 * 384**2 + 2 * 384**2 + 2 * 6 * 50 * 64 + 2 * 384 * 1536  # own and cross attention, feed-forward
    own = 2 * 6 * 64 * (1 + 2 + 3 + 4)
    memory = 2 * 50 * 384**2
    assert program.macs == convolutions + encoder + 4 * (4 * step + own + memory) + 4 * 384 * 51865


@pytest.mark.parametrize(
    ("name", "millions", "elsewhere"),
    [  # published parameters; what is no weight of a product: embeddings, norms, biases
        ("whisper-tiny", 37.8, "positions, biases; 39 M with the padded positions of the decoder"),
        ("whisper-base", 72.6, ""),
        ("whisper-small", 241.7, ""),
        ("s2t-small", 29.5, "fairseq: 30 M"),
        ("s2t-medium", 71.2, "fairseq: 71 M"),
        ("s2t-large", 267.8, "fairseq: 268 M"),
        ("wav2vec2-base", 94.4, "facebook/wav2vec2-base-960h"),
        ("deit-tiny", 5.72, "timm"),
        ("deit-small", 22.05, "timm"),
        ("vit-base", 86.57, "timm"),
        ("bert-base", 109.48 - 23.84, "less the embeddings: 30,522 + 512 + 2 rows of 768"),
        ("llama-7b", 6738.4 - 131.1, "less the input embedding: 32,000 rows of 4,096"),
        ("smollm2-135m", 134.5, "input and output embedding are one"),
        ("vgg-16", 138.36, "torchvision"),
        ("resnet-50", 25.56, "torchvision"),
    ],
)
def test_weights_are_those_published_but_for_vectors(name, millions, elsewhere):
    """Norms, biases and positions are at most 3 % of a network."""
    assert 0.97 * millions <= weights(shape_program(name)) / 1e6 <= millions, elsewhere


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_has_a_source_host_work_and_a_batch(name):
    shape = SHAPES[name]
    one, two = shape.program(), shape.program(batch=2)
    assert shape.name == name
    assert "arXiv" in shape.source
    assert any(not isinstance(op, Gemm) for op in one.ops)
    # relative positions are the same for every input of a batch
    batched = sum(op.macs for op in one.ops if isinstance(op, Gemm) and not op.name.endswith("attention.position"))
    assert two.macs == 2 * batched + (one.macs - batched)
    assert two.request["batch"] == 2


@pytest.mark.parametrize(
    ("name", "seq", "batch", "message"),
    [
        ("vit-bse", None, 1, "did you mean vit-base"),
        ("resnet-50", 224, 1, "fixed size"),
        ("whisper-base", 1501, 1, "1 to 1500"),
        ("vit-base", 1, 1, "2 to"),
        ("bert-base", 0, 1, "1 to 512"),
        ("bert-base", 8, 0, "--batch 0"),
    ],
)
def test_what_does_not_fit_is_refused(name, seq, batch, message):
    with pytest.raises(ValueError, match=message):
        shape_program(name, seq, batch)
