"""The packaged excerpt of Wikipedia, as plain text."""

from __future__ import annotations

import bz2
import re
from collections.abc import Iterator
from xml.etree import ElementTree

from codesign.workloads.assets import read

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
_SHORTEST = 200  # characters: a page with less is a list of links


def articles() -> Iterator[str]:
    """The running text of each article, in the order of the dump."""
    for page in ElementTree.fromstring(bz2.decompress(read("wikipedia", _DUMP))).findall("{*}page"):
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
