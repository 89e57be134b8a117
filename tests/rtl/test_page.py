"""The tables of docs/rtl.md are those that results/synth gives."""

from pathlib import Path

from rtl.syn.page import lines


def test_the_page_says_what_was_measured():
    page = (Path(__file__).parents[2] / "docs" / "rtl.md").read_text().splitlines()
    assert [line for line in lines() if line and line not in page] == []
