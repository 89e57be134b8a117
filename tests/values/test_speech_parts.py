"""codesign/workloads/speech: reading weights, sound to features, greedy decoding; against transformers."""

import copy
import struct

import numpy as np
import pytest
import torch
from transformers import GenerationConfig, WhisperConfig, WhisperFeatureExtractor, WhisperForConditionalGeneration
from transformers.generation.utils import GenerationMixin

from codesign.workloads.speech import ct2, decode
from codesign.workloads.speech.audio import SAMPLE_RATE, log_mel, read_audio
from codesign.workloads.speech.corpora import Utterance, in_order, split
from codesign.workloads.speech.decode import Greedy
from codesign.workloads.speech.encode import Encoding
from codesign.workloads.speech.request import Transcribe

SHAPE = {
    "vocab_size": 96, "d_model": 64, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 1,
    "decoder_attention_heads": 1, "encoder_ffn_dim": 128, "decoder_ffn_dim": 128, "num_mel_bins": 80,
    "max_source_positions": 150, "decoder_start_token_id": 91, "pad_token_id": 90, "bos_token_id": 90,
    "eos_token_id": 90,
}  # fmt: skip


@pytest.fixture(scope="module")
def whisper() -> WhisperForConditionalGeneration:
    """A small Whisper with random weights, large enough that its answers differ from one sound to the next."""
    torch.manual_seed(0)
    model = WhisperForConditionalGeneration(WhisperConfig(**SHAPE)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(4.0)
    return model


def spoken(count: int) -> list[Utterance]:
    chance = torch.Generator().manual_seed(1)
    return [
        Utterance(f"{i}", torch.randn(SAMPLE_RATE // 2 * (1 + i % 3), generator=chance) * 0.1, "words")
        for i in range(count)
    ]


def greedy(never: tuple[int, ...] = (1, 2), never_first: tuple[int, ...] = (90, 5)) -> Greedy:
    return Greedy(prompt=(91, 92), end=90, never=never, never_first=never_first)


def test_tokens_are_those_that_transformers_says(whisper):
    said = greedy()(whisper, spoken(4), Encoding(3.0))
    settings = GenerationConfig(
        max_new_tokens=20, num_beams=1, do_sample=False, suppress_tokens=[1, 2], begin_suppress_tokens=[90, 5],
        eos_token_id=90, pad_token_id=90, decoder_start_token_id=91,
    )  # fmt: skip
    for utterance, tokens in zip(spoken(4), said, strict=True):
        features = log_mel(utterance.wave, 3.0, 80)[None]
        prompt = torch.tensor([[91, 92]])
        theirs = GenerationMixin.generate(whisper, features, generation_config=settings, decoder_input_ids=prompt)
        cap = greedy().cap(utterance)
        expected = [token for token in theirs[0, 2:].tolist()[:cap] if token != 90]
        assert list(tokens) == expected


def test_an_utterance_is_heard_the_same_in_any_company(whisper, monkeypatch):
    utterances = spoken(7)
    together = greedy()(whisper, utterances, Encoding(3.0))
    assert greedy()(whisper, utterances[::-1], Encoding(3.0))[::-1] == together
    monkeypatch.setattr(decode, "_CROSS_BYTES", 1)
    assert decode.batch_size(whisper) == 1
    assert greedy()(whisper, utterances, Encoding(3.0)) == together
    assert len(set(together)) > 1, "the model says one thing to every sound: the test shows nothing"


def test_what_is_kept_is_what_would_be_computed(whisper):
    """Another feed-forward net begins alike; another attention, or one with a hook on it, does not."""
    encoding, utterances = Encoding(3.0), spoken(2)

    def encoded(model: WhisperForConditionalGeneration) -> list[torch.Tensor]:
        encoding.prepare(model)
        with torch.inference_mode():
            found = [encoding(model, utterance) for utterance in utterances]
            for one, utterance in zip(found, utterances, strict=True):
                features = log_mel(utterance.wave, 3.0, 80)[None]
                assert torch.equal(one, model.model.encoder(features).last_hidden_state)
        return found

    encoded(whisper)
    first = dict(encoding._kept)
    pruned, other, hooked = copy.deepcopy(whisper), copy.deepcopy(whisper), copy.deepcopy(whisper)
    with torch.no_grad():
        pruned.model.encoder.layers[0].fc1.weight[:8] = 0
        other.model.encoder.layers[0].self_attn.q_proj.weight[:8] = 0
    encoded(pruned)
    assert all(encoding._kept[key] is tensor for key, tensor in first.items())
    encoded(other)
    assert not any(encoding._kept[key] is tensor for key, tensor in first.items())
    hooked.model.encoder.conv1.register_forward_hook(lambda layer, inputs, output: output + utterances[0].wave[0])
    encoded(hooked)
    assert not encoding._kept


def test_the_audio_s_length_caps_the_tokens(whisper):
    (tokens,) = greedy(never=(90,))(whisper, spoken(1), Encoding(3.0))  # it may not end
    assert len(tokens) == greedy().cap(spoken(1)[0]) == 4 + 8  # half a second at 8 a second, and 8


def test_progress_counts_every_utterance(whisper):
    seen: list[tuple[int, int]] = []
    greedy()(whisper, spoken(3), Encoding(3.0), lambda done, of: seen.append((done, of)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(("batch", "beams"), [(1, 1), (2, 3)])
def test_the_request_runs_on_meta_as_on_the_cpu(whisper, batch, beams):
    asked = Transcribe(prompt=2, tokens=3, batch=batch, beams=beams)
    assert asked(whisper).shape == (batch * beams, 96)
    assert asked(WhisperForConditionalGeneration(WhisperConfig(**SHAPE)).to("meta")).shape == (batch * beams, 96)


def test_features_are_those_of_transformers():
    wave = spoken(3)[2].wave
    theirs = WhisperFeatureExtractor(feature_size=80)(wave.numpy(), sampling_rate=SAMPLE_RATE, return_tensors="pt")
    torch.testing.assert_close(log_mel(wave, 30.0, 80), theirs.input_features[0], atol=1e-4, rtol=0)


def test_stereo_at_another_rate_becomes_one_channel_at_16_khz(tmp_path):
    import soundfile

    time = np.arange(8000) / 8000
    tone = np.sin(2 * np.pi * 440 * time)
    soundfile.write(tmp_path / "a.wav", np.stack([tone, np.zeros_like(tone)], 1), 8000)
    wave = read_audio(tmp_path / "a.wav")
    assert wave.shape == (16000,)
    expected = torch.sin(2 * torch.pi * 440 * torch.arange(16000) / 16000) / 2
    torch.testing.assert_close(wave[500:-500], expected[500:-500], atol=2e-3, rtol=0)


def test_a_ctranslate2_file_gives_back_the_weights(whisper):
    weights = {name: tensor.half().float() for name, tensor in whisper.state_dict().items()}
    read = ct2.state_dict(ct2.read(ct2_file(weights)))
    assert read.keys() == weights.keys()
    for name, tensor in weights.items():
        torch.testing.assert_close(read[name], tensor, atol=0, rtol=0)


def test_a_cut_off_ctranslate2_file_is_refused(whisper):
    whole = ct2_file(whisper.state_dict())
    with pytest.raises(ValueError, match="not a whole CTranslate2 file"):
        ct2.read(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="TransformerSpec"):
        ct2.read(whole.replace(b"\x0c\x00WhisperSpec\x00", b"\x10\x00TransformerSpec\x00"))


def ct2_file(weights: dict[str, torch.Tensor]) -> bytes:
    """What CTranslate2's converter writes, in fp16: query, key and value stacked, the key's bias zeros."""
    named: dict[str, torch.Tensor] = {}

    def norm(new: str, old: str) -> None:
        named[f"{new}/gamma"], named[f"{new}/beta"] = weights[f"{old}.weight"], weights[f"{old}.bias"]

    def linear(new: str, *old: str) -> None:
        named[f"{new}/weight"] = torch.cat([weights[f"{name}.weight"] for name in old])
        zeros = torch.zeros(SHAPE["d_model"])
        named[f"{new}/bias"] = torch.cat([weights.get(f"{name}.bias", zeros) for name in old])

    for conv in ("conv1", "conv2"):
        linear(f"encoder/{conv}", f"model.encoder.{conv}")
    named["decoder/embeddings/weight"] = weights["model.decoder.embed_tokens.weight"]
    for side in ("encoder", "decoder"):
        named[f"{side}/position_encodings/encodings"] = weights[f"model.{side}.embed_positions.weight"]
        norm(f"{side}/layer_norm", f"model.{side}.layer_norm")
        for index in range(2):
            new, old = f"{side}/layer_{index}", f"model.{side}.layers.{index}"
            norm(f"{new}/self_attention/layer_norm", f"{old}.self_attn_layer_norm")
            linear(f"{new}/self_attention/linear_0", *(f"{old}.self_attn.{part}_proj" for part in "qkv"))
            linear(f"{new}/self_attention/linear_1", f"{old}.self_attn.out_proj")
            norm(f"{new}/ffn/layer_norm", f"{old}.final_layer_norm")
            linear(f"{new}/ffn/linear_0", f"{old}.fc1")
            linear(f"{new}/ffn/linear_1", f"{old}.fc2")
            if side == "decoder":
                norm(f"{new}/attention/layer_norm", f"{old}.encoder_attn_layer_norm")
                linear(f"{new}/attention/linear_0", f"{old}.encoder_attn.q_proj")
                linear(f"{new}/attention/linear_1", *(f"{old}.encoder_attn.{part}_proj" for part in "kv"))
                linear(f"{new}/attention/linear_2", f"{old}.encoder_attn.out_proj")
    text = lambda value: struct.pack("<H", len(value) + 1) + value.encode() + b"\0"  # noqa: E731
    out = struct.pack("<I", 6) + text("WhisperSpec") + struct.pack("<II", 3, len(named))
    for name, tensor in named.items():
        raw = tensor.half().numpy().tobytes()
        shape = struct.pack(f"<B{tensor.dim()}I", tensor.dim(), *tensor.shape)
        out += text(name) + shape + struct.pack("<BI", 4, len(raw)) + raw
    return out + struct.pack("<I", 0)


def test_copies_of_a_recording_count_once():
    first, second = spoken(2)
    assert [u.wave is first.wave or u.wave is second.wave for u in in_order([first, second, first])] == [True, True]


def test_no_speaker_is_on_both_sides_of_a_split():
    utterances = [Utterance(f"{i % 4}-0-{i}", torch.ones(10) * i, "x") for i in range(20)]
    calibration, evaluation = split(utterances, 7)
    assert len(calibration) == 7
    assert not {u.speaker for u in calibration} & {u.speaker for u in evaluation}
    with pytest.raises(ValueError, match="none is left to evaluate"):
        split(utterances[:1], 7)
