"""A tokenizer built from the metadata of a GGUF file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_CONTROL = 3  # token type of GGUF: beginning, end, roles
_LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)  # of Llama 3's own tokenizer


def tokenizer_of(metadata: Mapping[str, Any]) -> Tokenizer:
    """Byte-pair encoding as the file describes it. Raises ValueError for a kind that is not read."""
    kind = metadata.get("tokenizer.ggml.model")
    if kind == "gpt2":
        tokenizer = _byte_level(metadata)
    elif kind == "llama":
        tokenizer = _sentence_pieces(metadata)
    else:
        raise ValueError(f"gguf: a {kind!r} tokenizer, but 'gpt2' (bytes) and 'llama' (sentence pieces) are read")
    return _with_control(tokenizer, metadata)


def _byte_level(metadata: Mapping[str, Any]) -> Tokenizer:
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers

    way = metadata.get("tokenizer.ggml.pre", "default")
    bytes_only = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    words_and_bytes = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    cuts: dict[str, list[Any]] = {  # tokenizers has no types for its parts
        "smollm": [pre_tokenizers.Digits(individual_digits=True), words_and_bytes],
        "gpt-2": [words_and_bytes],
        "default": [words_and_bytes],
        "llama-bpe": [pre_tokenizers.Split(Regex(_LLAMA3), "isolated"), bytes_only],
    }
    if way not in cuts:
        raise ValueError(f"gguf: words are cut by {way!r}, but only by {', '.join(cuts)} is read")
    merges = [tuple(pair.split(" ", 1)) for pair in metadata["tokenizer.ggml.merges"]]
    tokenizer = Tokenizer(models.BPE(vocab=_vocabulary(metadata), merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(cuts[way])
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def _sentence_pieces(metadata: Mapping[str, Any]) -> Tokenizer:
    """Llama 1 and 2: pieces with scores, unknown characters as bytes, a space before the text."""
    from tokenizers import Tokenizer, decoders, models, normalizers

    vocabulary = _vocabulary(metadata)
    model = models.BPE(
        vocab=vocabulary,
        merges=_merges(vocabulary, metadata["tokenizer.ggml.scores"]),
        byte_fallback=True,
        fuse_unk=True,
        unk_token=metadata["tokenizer.ggml.tokens"][metadata.get("tokenizer.ggml.unknown_token_id", 0)],
    )
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    return tokenizer


def _merges(vocabulary: Mapping[str, int], scores: Sequence[float]) -> list[tuple[str, str]]:
    """Each way to make a piece of two others, the best-scored piece first: SentencePiece merges in that order."""
    found = [
        (-scores[index], piece[:at], piece[at:])
        for piece, index in vocabulary.items()
        for at in range(1, len(piece))
        if piece[:at] in vocabulary and piece[at:] in vocabulary
    ]
    found.sort(key=lambda merge: (merge[0], vocabulary[merge[1]], vocabulary[merge[2]]))
    return [(left, right) for _, left, right in found]


def _vocabulary(metadata: Mapping[str, Any]) -> dict[str, int]:
    return {token: index for index, token in enumerate(metadata["tokenizer.ggml.tokens"])}


def _with_control(tokenizer: Tokenizer, metadata: Mapping[str, Any]) -> Tokenizer:
    from tokenizers import AddedToken

    kinds = zip(metadata["tokenizer.ggml.tokens"], metadata["tokenizer.ggml.token_type"], strict=True)
    control = [AddedToken(token, special=True, normalized=False) for token, kind in kinds if kind == _CONTROL]
    tokenizer.add_special_tokens(control)
    return tokenizer
