"""A decoder's steps: worked by hand, and read off a line exactly as if each had been run."""

from collections.abc import Mapping

import pytest
import torch
from torch import nn

from codesign.lowering import lower
from codesign.lowering.decoding import steps
from codesign.lowering.fold import fold
from codesign.lowering.records import Operation, Product
from hw_models.program import Gemm, HostOp, Program


def entries(program: Program) -> dict[tuple[object, ...], int]:
    """What is done -> how often; over all layers."""
    found: dict[tuple[object, ...], int] = {}
    for op in program.ops:
        sizes = (op.elements, op.rows) if isinstance(op, HostOp) else (op.m, op.k, op.n)
        what = (op.name.split(".")[-1], *sizes)
        found[what] = found.get(what, 0) + op.repeat
    return found


class WhisperRequest:
    """A window, a prompt of two tokens, then one token at a time on a cache."""

    def __init__(self, tokens: int) -> None:
        self.tokens = tokens

    @property
    def facts(self) -> Mapping[str, int | float | str]:
        return {"window_s": 1.0, "decoded_tokens": self.tokens}

    def run(self, model: nn.Module) -> object:
        device = model.device
        encoded = model.get_encoder()(torch.zeros(1, 8, 100, device=device)).last_hidden_state
        cache = None
        for tokens in (2, *(1 for _ in range(self.tokens))):
            ids = torch.zeros(1, tokens, dtype=torch.long, device=device)
            out = model(encoder_outputs=(encoded,), decoder_input_ids=ids, cache=cache, use_cache=True)
            cache = out.cache
        return cache


def test_whisper_step_by_step():
    """2 layers of 4 heads of 8, feed-forward 64, 50 frames; a prompt of 2 tokens and 3 tokens more.

    Self-attention's keys grow: 2 in the prompt, then 3, 4, 5. The keys and values of cross-attention are made once,
    from all 50 frames, and are read at each step. The head runs at each step, on 100 words.
    """
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    config = WhisperConfig(
        vocab_size=100, d_model=32, encoder_layers=1, decoder_layers=2, encoder_attention_heads=4,
        decoder_attention_heads=4, encoder_ffn_dim=64, decoder_ffn_dim=64, num_mel_bins=8, max_source_positions=50,
        pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1,
    )  # fmt: skip
    program = lower(WhisperForConditionalGeneration(config), WhisperRequest(3))
    decoder = Program(tuple(op for op in program.ops if "decoder" in op.name or op.name == "proj_out"))
    found = entries(decoder)
    assert {what: count for what, count in found.items() if what[0] == "scores"} == {
        ("scores", 2, 8, 2): 2 * 4, ("scores", 1, 8, 3): 2 * 4, ("scores", 1, 8, 4): 2 * 4, ("scores", 1, 8, 5): 2 * 4,
        ("scores", 2, 8, 50): 2 * 4, ("scores", 1, 8, 50): 2 * 4 * 3,
    }  # fmt: skip
    assert {what: count for what, count in found.items() if what[0] == "context"} == {
        ("context", 2, 2, 8): 2 * 4, ("context", 1, 3, 8): 2 * 4, ("context", 1, 4, 8): 2 * 4,
        ("context", 1, 5, 8): 2 * 4, ("context", 2, 50, 8): 2 * 4, ("context", 1, 50, 8): 2 * 4 * 3,
    }  # fmt: skip
    assert {what: count for what, count in found.items() if what[0] in ("k_proj", "v_proj", "q_proj")} == {
        ("q_proj", 2, 32, 32): 2 * 2, ("q_proj", 1, 32, 32): 2 * 2 * 3,  # self and cross, each step
        ("k_proj", 2, 32, 32): 2, ("k_proj", 1, 32, 32): 2 * 3, ("k_proj", 50, 32, 32): 2,  # cross: once
        ("v_proj", 2, 32, 32): 2, ("v_proj", 1, 32, 32): 2 * 3, ("v_proj", 50, 32, 32): 2,
    }  # fmt: skip
    assert {what: count for what, count in found.items() if what[0] in ("fc1", "proj_out")} == {
        ("fc1", 2, 32, 64): 2, ("fc1", 1, 32, 64): 2 * 3, ("proj_out", 2, 32, 100): 1, ("proj_out", 1, 32, 100): 3,
    }  # fmt: skip
    assert program.request == {"window_s": 1.0, "decoded_tokens": 3}


def test_many_steps_stay_few_entries():
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    config = WhisperConfig(
        vocab_size=100, d_model=32, encoder_layers=1, decoder_layers=4, encoder_attention_heads=4,
        decoder_attention_heads=4, encoder_ffn_dim=64, decoder_ffn_dim=64, num_mel_bins=8, max_source_positions=50,
        pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1,
    )  # fmt: skip
    program = lower(WhisperForConditionalGeneration(config), WhisperRequest(40))
    assert len(program.ops) < 200 + 3 * 41  # scores, softmax and context of each length, once for all layers


WINDOW = 37


def step(past: int) -> list[Operation]:
    """Attention over the whole past in one layer, over a window in the other; a weight; a sum over pairs of blocks."""
    window = min(past + 1, WINDOW)
    return [
        Product(Gemm("layers.0.scores", 1, 8, past + 1, repeat=4, stationary_known=False)),
        Product(Gemm("layers.1.scores", 1, 8, window, repeat=4, stationary_known=False)),
        Product(Gemm("layers.1.context", 1, window, 8, repeat=4, stationary_known=False)),
        HostOp("layers.1.softmax", "softmax", 4 * window, 4),
        Product(Gemm("layers.1.fc", 1, 8, 32)),
        *([HostOp("layers.0.pool", "pool", 8)] if past >= 50 else []),  # something that begins later
    ]


@pytest.mark.parametrize(("first", "count"), [(0, 1), (0, 3), (5, 20), (0, 100), (30, 15), (36, 60), (49, 2)])
def test_steps_read_off_a_line_are_the_steps_that_were_run(first: int, count: int):
    asked: list[int] = []

    def watched(past: int) -> list[Operation]:
        asked.append(past)
        return step(past)

    read = fold(steps(watched, first, count))
    run = fold(operation for past in range(first, first + count) for operation in step(past))
    assert {entry(op) for op in _over_layers(read)} == {entry(op) for op in _over_layers(run)}
    assert len(asked) == len(set(asked)), "a step is run once"
    assert len(asked) <= (count // 2 if count > 50 else count)


def _over_layers(operations: tuple[Operation, ...]) -> tuple[Operation, ...]:
    from codesign.lowering.fold import over_layers

    return fold(over_layers(operation) for operation in operations)


def entry(operation: Operation) -> tuple[object, ...]:
    if isinstance(operation, HostOp):
        return operation.name, operation.elements, operation.rows, operation.repeat
    gemm = operation.gemm
    return gemm.name, gemm.m, gemm.k, gemm.n, gemm.repeat
