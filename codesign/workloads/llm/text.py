"""Text to read: the packaged excerpt of Wikipedia, or a text file, cut into windows of tokens."""

from __future__ import annotations

import bz2
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from codesign.workloads.assets import read
from codesign.workloads.llm.checkpoint import Checkpoint

_DUMP = "gensim/test/test_data/enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.bz2"
_INNERMOST = re.compile(r"\{\{[^{}]*\}\}|\{\|.*?\|\}", re.DOTALL)  # templates and tables, which nest
_GONE = re.compile(
    r"<!--.*?-->|<ref[^>/]*/>|<(ref|math|gallery|timeline|nowiki)\b.*?</\1>|^[=*#:;|!][^\n]*|__[A-Z]+__"
    r"|\[\[(?:File|Image|Category|[a-z-]{2,12}):(?:[^\[\]]|\[\[[^\[\]]*\]\])*\]\]",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
_LINK = re.compile(r"\[\[(?:[^|\[\]]*\|)?([^\[\]]*)\]\]")
_OUTSIDE = re.compile(r"\[\w+://\S+\s*([^\]]*)\]")
_TAG = re.compile(r"<[^>]+>")
_HOLLOW = re.compile(r" ?\([\s,;]*\)|(?<=\()[\s,;]+")  # what a template for pronunciation leaves between brackets
_SHORTEST = 200  # characters: a page with less is a redirect or a list
_CALIBRATION_SHARE = 4  # one article of so many


Window = tuple[int, ...]  # token ids


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
    parts = _articles() if source == "wikipedia" else _file(Path(source))
    calibrated, scored = (_cut("\n\n".join(part), checkpoint, length) for part in parts)
    if not calibrated or not scored:
        raise ValueError(f"llm: data: {source}: too little text for two windows of {length} tokens")
    name = "87 articles of Wikipedia" if source == "wikipedia" else Path(source).name
    return Windows(calibrated, scored, f"{name}, windows of {length} tokens")


def _cut(text: str, checkpoint: Checkpoint, length: int) -> list[Window]:
    """Side by side, each after the tokens that every text of this model begins with; the rest is left off."""
    tokens = checkpoint.tokens(text)
    size = length - len(checkpoint.begin)
    cut = [(*checkpoint.begin, *tokens[at : at + size]) for at in range(0, len(tokens) - size + 1, size)]
    return sorted(cut, key=lambda window: hashlib.sha256(repr(window).encode()).digest())


def _file(path: Path) -> tuple[list[str], list[str]]:
    """The first quarter of the file, by paragraphs, to calibrate on; the rest to score."""
    if not path.is_file():
        raise ValueError(f"llm: data: {str(path)!r} is neither a text file nor one of wikipedia, arithmetic")
    try:
        paragraphs = [part for part in path.read_text(encoding="utf-8").split("\n\n") if part.strip()]
    except UnicodeDecodeError as reason:
        raise ValueError(f"llm: data: {path}: not UTF-8 text: {reason}") from reason
    if len(paragraphs) < 2:
        paragraphs = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    at = len(paragraphs) // _CALIBRATION_SHARE
    return paragraphs[:at], paragraphs[at:]


def _articles() -> tuple[list[str], list[str]]:
    """By the digest of each article."""
    sides: tuple[list[str], list[str]] = ([], [])
    for text in _pages(bz2.decompress(read("wikipedia", _DUMP))):
        chosen = hashlib.sha256(text.encode()).digest()[0] % _CALIBRATION_SHARE
        sides[bool(chosen)].append(text)
    return sides


def _pages(dump: bytes) -> Iterator[str]:
    """The plain text of each article of a MediaWiki dump."""
    for page in ElementTree.fromstring(dump).findall("{*}page"):
        text = page.findtext("{*}revision/{*}text") or ""
        if page.findtext("{*}ns") != "0" or page.find("{*}redirect") is not None:
            continue
        plain = plain_text(text)
        if len(plain) >= _SHORTEST:
            yield plain


def plain_text(markup: str) -> str:
    """The running text of a page in MediaWiki's markup: no templates, tables, lists, headings, references, pictures."""
    while (stripped := _INNERMOST.sub("", markup)) != markup:
        markup = stripped
    markup = _GONE.sub("", markup)
    markup = _HOLLOW.sub("", _TAG.sub("", _OUTSIDE.sub(r"\1", _LINK.sub(r"\1", markup))))
    markup = markup.replace("'''", "").replace("''", "").replace("&nbsp;", " ")
    lines = (" ".join(line.split()) for line in markup.splitlines())
    return "\n".join(line for line in lines if line)
