"""Reading a Whisper checkpoint in CTranslate2's format into the names of `transformers`.

The file is: version u32, specification str, revision u32, then a count u32 of variables, each a name str, rank u8,
shape u32 each, type u8, size u32 in bytes, data; then a count u32 of aliases, each two str. A str is a length u16 that
counts a closing NUL, then its bytes. Little-endian throughout. (CTranslate2, python/ctranslate2/specs/model_spec.py.)
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

_TYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}
_OLDEST = 5  # versions before have no revision and other type numbers


def read(raw: bytes) -> dict[str, Tensor]:
    """The variables by name, as they are stored. Raises ValueError where the file is damaged or of another kind."""
    try:
        return _Reader(raw).variables()
    except (struct.error, KeyError, UnicodeDecodeError) as reason:
        raise ValueError(f"weights: not a whole CTranslate2 file: {type(reason).__name__}: {reason}") from reason


@dataclass
class _Reader:
    raw: bytes
    at: int = 0

    def number(self, code: str) -> int:
        (value,) = struct.unpack_from(f"<{code}", self.raw, self.at)
        self.at += struct.calcsize(code)
        return int(value)

    def text(self) -> str:
        size = self.number("H")
        return self.bytes(size).rstrip(b"\0").decode()

    def bytes(self, size: int) -> bytes:
        if self.at + size > len(self.raw):
            raise struct.error(f"{len(self.raw)} bytes, but {self.at + size} are announced")
        self.at += size
        return self.raw[self.at - size : self.at]

    def variables(self) -> dict[str, Tensor]:
        version, kind, _revision = self.number("I"), self.text(), self.number("I")
        if kind != "WhisperSpec" or version < _OLDEST:
            raise ValueError(
                f"weights: a {kind!r} of version {version}, but a WhisperSpec of {_OLDEST} or later is read"
            )
        found = dict(self._variable() for _ in range(self.number("I")))
        for _ in range(self.number("I")):
            alias, name = self.text(), self.text()
            found[alias] = found[name]
        return found

    def _variable(self) -> tuple[str, Tensor]:
        name = self.text()
        shape = [self.number("I") for _ in range(self.number("B"))]
        kind = _TYPES[self.number("B")]
        data = np.frombuffer(self.bytes(self.number("I")), kind)
        return name, torch.from_numpy(data.reshape(shape).copy())


def state_dict(variables: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same weights in fp32 under the names of `transformers.WhisperForConditionalGeneration`."""
    renamed = _Renamed(variables)
    for conv in ("conv1", "conv2"):
        renamed.linear(f"model.encoder.{conv}", f"encoder/{conv}")
    for side in ("encoder", "decoder"):
        renamed.put(f"model.{side}.embed_positions.weight", f"{side}/position_encodings/encodings")
        renamed.norm(f"model.{side}.layer_norm", f"{side}/layer_norm")
        for index in range(layers(variables, side)):
            renamed.layer(side, index)
    renamed.put("model.decoder.embed_tokens.weight", "decoder/embeddings/weight")
    renamed.weights["proj_out.weight"] = renamed.weights["model.decoder.embed_tokens.weight"]
    return renamed.weights


def layers(variables: Mapping[str, Tensor], side: str) -> int:
    """How many layers the encoder or the decoder has."""
    index = 0
    while f"{side}/layer_{index}/ffn/linear_0/weight" in variables:
        index += 1
    return index


@dataclass
class _Renamed:
    source: Mapping[str, Tensor]
    weights: dict[str, Tensor] = field(default_factory=dict)

    def put(self, name: str, key: str, rows: slice = slice(None)) -> None:
        tensor = self.source[key]
        if not tensor.is_floating_point():
            raise ValueError(f"weights: {key} is {tensor.dtype}, but only floating-point checkpoints are read")
        self.weights[name] = tensor[rows].float()

    def norm(self, name: str, key: str) -> None:
        self.put(f"{name}.weight", f"{key}/gamma")
        self.put(f"{name}.bias", f"{key}/beta")

    def linear(self, name: str, key: str, rows: slice = slice(None), bias: bool = True) -> None:
        self.put(f"{name}.weight", f"{key}/weight", rows)
        if bias:
            self.put(f"{name}.bias", f"{key}/bias", rows)

    def layer(self, side: str, index: int) -> None:
        """CTranslate2 stacks query, key and value; Whisper's key has no bias, there it stores zeros."""
        new, old = f"model.{side}.layers.{index}", f"{side}/layer_{index}"
        width = self.source[f"{old}/ffn/layer_norm/gamma"].numel()
        query, key, value = (slice(part * width, (part + 1) * width) for part in range(3))
        self.linear(f"{new}.self_attn.q_proj", f"{old}/self_attention/linear_0", query)
        self.linear(f"{new}.self_attn.k_proj", f"{old}/self_attention/linear_0", key, bias=False)
        self.linear(f"{new}.self_attn.v_proj", f"{old}/self_attention/linear_0", value)
        self.linear(f"{new}.self_attn.out_proj", f"{old}/self_attention/linear_1")
        self.norm(f"{new}.self_attn_layer_norm", f"{old}/self_attention/layer_norm")
        if side == "decoder":
            self.linear(f"{new}.encoder_attn.q_proj", f"{old}/attention/linear_0")
            self.linear(f"{new}.encoder_attn.k_proj", f"{old}/attention/linear_1", query, bias=False)
            self.linear(f"{new}.encoder_attn.v_proj", f"{old}/attention/linear_1", key)
            self.linear(f"{new}.encoder_attn.out_proj", f"{old}/attention/linear_2")
            self.norm(f"{new}.encoder_attn_layer_norm", f"{old}/attention/layer_norm")
        self.linear(f"{new}.fc1", f"{old}/ffn/linear_0")
        self.linear(f"{new}.fc2", f"{old}/ffn/linear_1")
        self.norm(f"{new}.final_layer_norm", f"{old}/ffn/layer_norm")
