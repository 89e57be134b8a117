"""Speech networks: Whisper, the speech-to-text transformers, Conformer, wav2vec 2.0.

Decoders write 3.25 tokens for each second of speech, one by one: 150 words a minute at 1.3 tokens a word. That is the
request we state, not a measurement.
"""

from __future__ import annotations

from math import ceil

from hw_models.program import Gemm, HostOp
from hw_models.shapes.base import Ops, Shape, conv1d, conv2d, linear
from hw_models.shapes.transformer import Width, block, decoder, feed_forward, norm, projections, scores_and_context

TOKENS_PER_SECOND = 3.25
MEL_BINS = 80
Built = tuple[Ops, dict[str, int | float | str]]


def _request(seq: int, position_s: float) -> dict[str, int | float | str]:
    seconds = seq * position_s
    return {"positions": seq, "audio_s": seconds, "decoded_tokens": ceil(seconds * TOKENS_PER_SECOND)}


def whisper(name: str, dim: int, heads: int, layers: int) -> Shape:
    """Two convolutions over 80 mel bins, encoder, decoder with cross-attention, 51,865 words."""
    width = Width(dim, heads, 4 * dim, "gelu")

    def build(seq: int, batch: int) -> Built:
        request = _request(seq, position_s=0.02)
        frames, rows, tokens = 2 * seq * batch, seq * batch, int(request["decoded_tokens"])
        ops: Ops = [
            *conv1d("encoder.conv1", frames, MEL_BINS, dim, width=3),
            HostOp("encoder.conv1.gelu", "gelu", frames * dim),
            *conv1d("encoder.conv2", rows, dim, dim, width=3),
            HostOp("encoder.conv2.gelu", "gelu", rows * dim),
            HostOp("encoder.position", "elementwise", rows * dim),
        ]
        for layer in range(layers):
            ops += block(f"encoder.{layer}", width, seq, batch)
        ops += [norm("encoder.final", width, rows), *decoder("decoder", width, layers, seq, tokens, 51865, batch)]
        return ops, request

    source = "Radford et al., Robust Speech Recognition via Weak Supervision (Whisper), 2022, arXiv:2212.04356, table 1"
    size = name.removeprefix("whisper-")
    summary = f"Whisper {size}: {layers} + {layers} layers, {dim} wide, {heads} heads, 30 s window"
    return Shape(name, summary, source, build, "positions of 20 ms in the encoder, at most 30 s", 1500, 1500)


def speech_to_text(name: str, dim: int, heads: int, hidden: int) -> Shape:
    """The s2t_transformer of fairseq: two gated convolutions (kernel 5, stride 2), 12 encoder and 6 decoder layers."""
    width = Width(dim, heads, hidden, "relu")

    def build(seq: int, batch: int) -> Built:
        request = _request(seq, position_s=0.04)
        half, rows, tokens = 2 * seq * batch, seq * batch, int(request["decoded_tokens"])
        ops: Ops = [
            *conv1d("encoder.conv1", half, MEL_BINS, 1024, width=5),
            HostOp("encoder.conv1.gate", "elementwise", half * 512),
            *conv1d("encoder.conv2", rows, 512, 2 * dim, width=5),
            HostOp("encoder.conv2.gate", "elementwise", rows * dim),
            HostOp("encoder.position", "elementwise", rows * dim),
        ]
        for layer in range(12):
            ops += block(f"encoder.{layer}", width, seq, batch)
        ops += [norm("encoder.final", width, rows), *decoder("decoder", width, 6, seq, tokens, 10000, batch)]
        return ops, request

    source = "Wang et al., fairseq S2T, AACL 2020, arXiv:2010.05171, table 2 (s2t_transformer_s, _m, _l), LibriSpeech"
    summary = f"{name}: 12 + 6 layers, {dim} wide, {heads} heads, {hidden} hidden, 10 s of speech"
    return Shape(name, summary, source, build, "positions of 40 ms in the encoder", 250, 6000)


def conformer(name: str, dim: int, heads: int, layers: int) -> Shape:
    """Conformer encoder; its decoder (one LSTM layer, under 5 % of the work) is left out."""
    half_step = Width(dim, heads, 4 * dim, "silu")

    def build(seq: int, batch: int) -> Built:
        frames, bins, narrow_bins = 2 * seq + 1, (MEL_BINS - 1) // 2, (MEL_BINS - 3) // 4  # unpadded 3x3, stride 2
        ops: Ops = [
            *conv2d("subsample.conv1", (frames, bins), 1, dim, kernel=3, batch=batch),
            HostOp("subsample.conv1.relu", "relu", frames * bins * dim * batch),
            *conv2d("subsample.conv2", (seq, narrow_bins), dim, dim, kernel=3, batch=batch),
            HostOp("subsample.conv2.relu", "relu", seq * narrow_bins * dim * batch),
            linear("subsample.output", seq * batch, narrow_bins * dim, dim),
        ]
        for layer in range(layers):
            ops += _conformer_block(f"{layer}", half_step, seq, batch)
        return ops, {"positions": seq, "audio_s": seq * 0.04}

    source = "Gulati et al., Conformer, Interspeech 2020, arXiv:2005.08100, table 1; subsampling as in ESPnet"
    summary = f"{name} encoder: {layers} layers, {dim} wide, {heads} heads, 10 s of speech"
    return Shape(name, summary, source, build, "positions of 40 ms", 250, 6000)


def _conformer_block(name: str, width: Width, seq: int, batch: int) -> Ops:
    """Half a feed-forward, attention with relative positions, convolution module, half a feed-forward, norm."""
    rows, dim, attention, module = seq * batch, width.dim, f"{name}.attention", f"{name}.convolution"
    return [
        *feed_forward(f"{name}.feed_forward1", width, rows),
        norm(attention, width, rows),
        *projections(attention, width, rows),
        linear(f"{attention}.position", 2 * seq - 1, dim, dim, bias=False),
        Gemm(
            f"{attention}.position_scores", seq, width.head_dim, 2 * seq - 1,
            repeat=width.heads * batch, stationary_known=False,
        ),
        HostOp(f"{attention}.position_add", "elementwise", width.heads * batch * seq * seq),
        *scores_and_context(attention, width, seq, seq, batch),
        linear(f"{attention}.output", rows, dim, dim),
        HostOp(f"{attention}.residual", "residual", rows * dim),
        norm(module, width, rows),
        linear(f"{module}.pointwise1", rows, dim, 2 * dim),
        HostOp(f"{module}.gate", "elementwise", rows * dim),
        HostOp(f"{module}.depthwise.im2col", "im2col", rows * dim * 32),
        Gemm(f"{module}.depthwise", rows, 32, 1, repeat=dim, bias=True),
        HostOp(f"{module}.batch_norm", "batch_norm", rows * dim),
        HostOp(f"{module}.silu", "silu", rows * dim),
        linear(f"{module}.pointwise2", rows, dim, dim),
        HostOp(f"{module}.residual", "residual", rows * dim),
        *feed_forward(f"{name}.feed_forward2", width, rows),
        norm(name, width, rows),
    ]  # fmt: skip


def wav2vec2_base() -> Shape:
    """wav2vec 2.0 base: seven convolutions on the waveform, grouped positional convolution, 12 layers, CTC letters."""
    width = Width(768, 12, 3072, "gelu")
    layers = ((10, 5), (3, 2), (3, 2), (3, 2), (3, 2), (2, 2), (2, 2))  # (kernel, stride)

    def build(seq: int, batch: int) -> Built:
        lengths = [seq]
        for kernel, stride in reversed(layers[1:]):
            lengths.insert(0, (lengths[0] - 1) * stride + kernel)
        ops: Ops = []
        for index, ((kernel, _), length) in enumerate(zip(layers, lengths, strict=True)):
            rows = length * batch
            ops += conv1d(f"features.{index}", rows, 512 if index else 1, 512, kernel, bias=False)
            if index == 0:
                ops.append(HostOp("features.0.norm", "layer_norm", rows * 512, 512 * batch))
            ops.append(HostOp(f"features.{index}.gelu", "gelu", rows * 512))
        rows = seq * batch
        ops += [
            HostOp("projection.norm", "layer_norm", rows * 512, rows),
            linear("projection", rows, 512, 768),
            HostOp("position.im2col", "im2col", rows * 768 * 128),
            Gemm("position", rows, 48 * 128, 48, repeat=16, bias=True),
            HostOp("position.gelu", "gelu", rows * 768),
            HostOp("position.residual", "residual", rows * 768),
            norm("encoder", width, rows),
        ]
        for layer in range(12):
            ops += block(f"encoder.{layer}", width, seq, batch)
        ops.append(linear("letters", rows, 768, 32))
        samples = (lengths[0] - 1) * 5 + 10
        return ops, {"positions": seq, "samples": samples, "audio_s": samples / 16000}

    source = "Baevski et al., wav2vec 2.0, NeurIPS 2020, arXiv:2006.11477, section 4.2; facebook/wav2vec2-base-960h"
    summary = "wav2vec 2.0 base: 12 layers, 768 wide, 12 heads, on the waveform, 10 s of speech"
    return Shape("wav2vec2-base", summary, source, build, "positions of 20 ms", 499, 3000)


SPEECH = (
    whisper("whisper-tiny", 384, 6, 4),
    whisper("whisper-base", 512, 8, 6),
    whisper("whisper-small", 768, 12, 12),
    speech_to_text("s2t-small", 256, 4, 2048),
    speech_to_text("s2t-medium", 512, 8, 2048),
    speech_to_text("s2t-large", 1024, 16, 4096),
    conformer("conformer-small", 144, 4, 16),
    conformer("conformer-medium", 256, 4, 16),
    conformer("conformer-large", 512, 8, 17),
    wav2vec2_base(),
)
