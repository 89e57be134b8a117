"""Text to read: the packaged excerpt of Wikipedia, or a text file, cut into windows of tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from codesign.workloads.llm.checkpoint import Checkpoint
from codesign.workloads.llm.wikipedia import articles

Window = tuple[int, ...]  # token ids

_CALIBRATION_SHARE = 4  # one part of so many


@dataclass(frozen=True)
class Windows:
    """Token windows of one length, to calibrate on and to be scored; no article, or no part of a file, is in both."""

    calibration: Sequence[Window]
    evaluation: Sequence[Window]
    note: str


def windows(source: str, checkpoint: Checkpoint, length: int) -> Windows:
    """Of `wikipedia`, or of a UTF-8 text file by its path; in the order of their content's digest, a fair draw.

    Raises ValueError where there is no such text, or too little for a window on each side.
    """
    name, *sides = _articles() if source == "wikipedia" else _file(Path(source))
    calibrated, scored = (_cut(side, checkpoint, length) for side in sides)
    if not calibrated or not scored:
        raise ValueError(f"llm: data: {source}: too little text for two windows of {length} tokens")
    return Windows(calibrated, scored, f"{name}, windows of {length} tokens")


def _cut(text: str, checkpoint: Checkpoint, length: int) -> list[Window]:
    """Side by side, each after the tokens that every text of this model begins with; the rest is left off."""
    tokens = checkpoint.tokens(text)
    size = length - len(checkpoint.begin)
    cut = [(*checkpoint.begin, *tokens[at : at + size]) for at in range(0, len(tokens) - size + 1, size)]
    return sorted(cut, key=lambda window: hashlib.sha256(repr(window).encode()).digest())


def _articles() -> tuple[str, str, str]:
    """(name, to calibrate on, to score); the side hangs on the article's digest."""
    sides: tuple[list[str], list[str]] = ([], [])
    for text in articles():
        sides[hashlib.sha256(text.encode()).digest()[0] % _CALIBRATION_SHARE > 0].append(text)
    return f"{len(sides[1])} articles of Wikipedia", "\n\n".join(sides[0]), "\n\n".join(sides[1])


def _file(path: Path) -> tuple[str, str, str]:
    """(name, the first quarter to the end of a line, the rest)."""
    if not path.is_file():
        raise ValueError(f"llm: data: {str(path)!r} is neither a text file nor one of wikipedia, arithmetic")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as reason:
        raise ValueError(f"llm: data: {path}: not UTF-8 text: {reason}") from reason
    at = text.rfind("\n", 0, len(text) // _CALIBRATION_SHARE) + 1
    return path.name, text[:at], text[at:]
