"""codesign/workloads/llm: GGUF files, tokenizers, text, questions, requests; against transformers and tokenizers."""

import json
import math
from pathlib import Path

import gguf
import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM

from codesign.workloads.base import Data, Request
from codesign.workloads.llm import exam
from codesign.workloads.llm.checkpoint import Checkpoint, load_checkpoint
from codesign.workloads.llm.choice import Choice
from codesign.workloads.llm.perplexity import Perplexity
from codesign.workloads.llm.request import Generate
from codesign.workloads.llm.text import windows
from codesign.workloads.llm.tokens import tokenizer_of
from codesign.workloads.llm.wikipedia import plain_text

TEXT = "It was the best of times, it was the worst of times, it was the age of wisdom in 1859. " * 20


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    """Byte-level pairs as GPT-2's, digits apart as SmolLM2's, learned from a few words."""
    made = Tokenizer(models.BPE())
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), byte_level])
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    made.train_from_iterator(
        [TEXT], trainers.BpeTrainer(vocab_size=300, initial_alphabet=alphabet, show_progress=False)
    )
    return made


@pytest.fixture(scope="module")
def llama(tokenizer) -> LlamaForCausalLM:
    """Grouped queries: four heads share two of keys and values."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=32, intermediate_size=48, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=64, rms_norm_eps=1e-5,
        rope_parameters={"rope_type": "default", "rope_theta": 5000.0}, tie_word_embeddings=True,
    )  # fmt: skip
    model = LlamaForCausalLM(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3.0)
    return model


@pytest.fixture(scope="module")
def gguf_path(tmp_path_factory, llama, tokenizer) -> Path:
    path = tmp_path_factory.mktemp("gguf") / "small.gguf"
    write_gguf(path, llama, tokenizer)
    return path


def write_gguf(path: Path, llama: LlamaForCausalLM, tokenizer: Tokenizer, architecture: str = "llama") -> None:
    """As llama.cpp's converter writes a Llama (convert_hf_to_gguf.py), in fp32."""
    config = llama.config
    writer = gguf.GGUFWriter(str(path), architecture)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list([token for token, _ in vocabulary])
    writer.add_token_types([1] * len(vocabulary))
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    writer.add_token_merges([" ".join(pair) for pair in merges])
    writer.add_bos_token_id(0)
    writer.add_add_bos_token(False)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config.num_hidden_layers)
    for name, tensor in llama.state_dict().items():
        if name == "lm_head.weight":
            continue  # tied
        values = tensor.numpy()
        if "q_proj" in name or "k_proj" in name:
            heads = config.num_attention_heads if "q_proj" in name else config.num_key_value_heads
            values = values.reshape(heads, 2, values.shape[0] // heads // 2, -1).swapaxes(1, 2).reshape(values.shape)
        writer.add_tensor(names.get_name(name, try_suffixes=(".weight",)), np.ascontiguousarray(values))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def test_a_gguf_file_gives_back_the_model(gguf_path, llama):
    found = load_checkpoint(str(gguf_path))
    tokens = torch.arange(20)[None] * 7
    with torch.no_grad():
        torch.testing.assert_close(found.model(tokens).logits, llama(tokens).logits, atol=1e-5, rtol=1e-5)
    assert found.model.lm_head.weight is found.model.model.embed_tokens.weight
    assert "F32" in found.source


def test_a_gguf_file_gives_back_the_tokenizer(gguf_path, tokenizer):
    found = load_checkpoint(str(gguf_path))
    for text in (TEXT, "Ünicode 12345, and\n\n spaces   !", ""):
        assert found.tokens(text) == tokenizer.encode(text).ids
        assert found.tokenizer.decode(found.tokens(text)) == text


def test_a_hugging_face_folder_gives_the_same(tmp_path, llama, tokenizer):
    from transformers import PreTrainedTokenizerFast

    llama.save_pretrained(tmp_path)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer).save_pretrained(tmp_path)
    found = load_checkpoint(str(tmp_path))
    tokens = torch.arange(20)[None] * 7
    with torch.no_grad():
        torch.testing.assert_close(found.model(tokens).logits, llama(tokens).logits)
    assert found.tokens(TEXT) == tokenizer.encode(TEXT).ids


def test_sentence_pieces_merge_in_the_order_of_their_scores():
    pieces = ["<unk>", "<s>", *(f"<0x{byte:02X}>" for byte in range(256)), "▁", "a", "b", "ab", "▁a", "▁ab", "ba"]
    scores = [0.0] * 261 + [-2.0, -1.0, -3.0, -4.0]  # "▁a" before "ab" before "▁ab"
    kinds = [2, 3, *[6] * 256, *[1] * 7]
    metadata = {
        "tokenizer.ggml.model": "llama", "tokenizer.ggml.tokens": pieces, "tokenizer.ggml.scores": scores,
        "tokenizer.ggml.token_type": kinds, "tokenizer.ggml.unknown_token_id": 0,
    }  # fmt: skip
    tokenizer = tokenizer_of(metadata)
    encoded = tokenizer.encode("ab bab", add_special_tokens=False)
    assert encoded.tokens == ["▁ab", "▁", "b", "ab"]
    assert tokenizer.decode(encoded.ids) == "ab bab"
    assert tokenizer.encode("é", add_special_tokens=False).tokens == ["▁", "<0xC3>", "<0xA9>"]


def data(evaluation: object) -> Data:
    return Data([], evaluation, Request(lambda model: None, {}), "")


def test_perplexity_is_that_of_the_model_s_own_loss(llama):
    scored = [tuple(range(i, i + 12)) for i in range(3)]
    found = Perplexity()(llama, data(scored))
    with torch.no_grad():
        losses = [llama(torch.tensor([w]), labels=torch.tensor([w])).loss.item() for w in scored]
    assert found.value == pytest.approx(math.exp(sum(losses) / 3), rel=1e-5)
    assert found.n == 3


def test_choices_are_scored_as_whole_texts_would_be(llama, tokenizer):
    questions = exam.arithmetic(full=False).questions[:3]
    questions = [exam.Question("So.", question.asked, question.choices) for question in questions]
    metric = Choice(tokenizer, (3,))

    def score(question: exam.Question, choice: str) -> float:
        first = [3, *tokenizer.encode("So.").ids]
        asked, whole = (tokenizer.encode(text).ids for text in (question.asked, question.asked + choice))
        with torch.no_grad():
            logits = llama(torch.tensor([[*first, *whole]])).logits[0].log_softmax(-1)
        places = range(len(asked), len(whole))
        return sum(logits[len(first) + at - 1, whole[at]].item() for at in places)

    best = [max(range(4), key=lambda i, q=q: score(q, q.choices[i])) == 0 for q in questions]
    found = metric(llama, data(questions))
    assert found.value == pytest.approx(sum(best) / 3)


@pytest.mark.parametrize(
    ("asked", "tokens_seen"),
    [
        (Generate(8), 8),
        (Generate(8, tokens=4), 11),
        (Generate(0, cached=16, tokens=4), 20),
        (Generate(5, 16, 2, 2), 22),
    ],
)
def test_requests_pass_the_tokens_they_state(llama, asked, tokens_seen):
    lengths: list[int] = []
    hook = llama.model.register_forward_pre_hook(
        lambda module, args, kwargs: lengths.append(kwargs["input_ids"].shape[1]), with_kwargs=True
    )
    logits = asked(llama)
    hook.remove()
    assert asked.cached + sum(lengths) == tokens_seen
    assert logits.shape == (asked.batch, 1, llama.config.vocab_size)
    assert asked(LlamaForCausalLM(llama.config).to("meta")).shape == logits.shape


def test_windows_lie_side_by_side_and_share_no_text(tmp_path, llama, tokenizer):
    paragraphs = [f"Paragraph {i} says {i * i}." for i in range(60)]
    (tmp_path / "text.txt").write_text("\n\n".join(paragraphs))
    checkpoint = Checkpoint(llama, tokenizer, (3,), "")
    cut = windows(str(tmp_path / "text.txt"), checkpoint, 16)
    assert {len(window) for window in (*cut.calibration, *cut.evaluation)} == {16}
    assert all(window[0] == 3 for window in cut.evaluation)
    text = "\n\n".join(paragraphs)
    read, scored = (
        [tokenizer.decode(list(window[1:])) for window in side] for side in (cut.calibration, cut.evaluation)
    )
    assert all(part in text[: len(text) // 4] for part in read)  # the first quarter calibrates
    assert all(part in text[len(text) // 5 :] for part in scored)
    assert sum(map(len, read + scored)) > 0.9 * len(text)
    assert not set(read) & set(scored)


@pytest.mark.parametrize(
    ("markup", "plain"),
    [
        ("'''Bold''' and ''slanted''", "Bold and slanted"),
        ("A [[link]], a [[page|named one]], [http://x.org outside].", "A link, a named one, outside."),
        ("Kept{{cite|a={{nested}}}}.<ref name=x>gone</ref><ref name=y/>", "Kept."),
        ("== Heading ==\n* item\nText<!-- hidden -->.", "Text."),
        ("[[File:a.jpg|thumb|A [[link]] below]]Text [[Category:Things]]", "Text"),
        ("{| class=x\n| a || b\n|}\nAfter", "After"),
        ("Name ({{IPA|x}}, born)", "Name (born)"),
    ],
)
def test_markup_leaves_running_text(markup, plain):
    assert plain_text(markup) == plain


def test_questions_repeat_no_example_and_hold_the_right_answer_first():
    paper = exam.arithmetic(full=True)
    assert len(paper.questions) == 2 * (81 - 8)
    for question in paper.questions:
        assert question.asked.strip() not in question.before
        assert len(set(question.choices)) == 4
        a, word, b = question.asked.split("What is ")[1].split("?")[0].split()
        assert question.choices[0] == f" {int(a) * int(b) if word == 'times' else int(a) + int(b)}\n"


def test_a_file_of_questions_is_read(tmp_path):
    lines = [{"question": f"How much is {i}?", "answer": f"That is easy.\n#### 1,00{i}"} for i in range(10)]
    (tmp_path / "q.jsonl").write_text("\n".join(map(json.dumps, lines)))
    paper = exam.from_file(tmp_path / "q.jsonl", full=True)
    assert len(paper.questions) == 2
    assert {question.choices[0] for question in paper.questions} <= {f" {1000 + i}\n" for i in range(10)}
