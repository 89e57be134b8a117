"""Every example of the documentation runs, and says what stands beside it."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
_BLOCK = re.compile(r"^```(\w+)(?: title=\"([^\"]+)\")?\n(.*?)^```$", re.M | re.S)
_CHECK = doctest.OutputChecker()


def _same(want: str, got: str) -> bool:
    return _CHECK.check_output(want.strip() + "\n", got.strip() + "\n", doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode in (0, 2), done.stderr
    return done.stdout if done.returncode == 0 else done.stderr


def _console(text: str, folder: Path) -> None:
    for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
        command, _, want = part.partition("\n")
        name, *arguments = command.split()
        assert name == "codesign", f"only codesign is run here, not {name}"
        got = _run([sys.executable, "-m", "codesign", *arguments], folder)
        assert _same(want, got), f"$ {command}\nwant:\n{want}\ngot:\n{got}"


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT / "docs")))
def test_examples(page: Path, tmp_path: Path) -> None:
    said = ""
    for language, title, text in _BLOCK.findall(page.read_text()):
        if title:
            (tmp_path / title).write_text(text)
        if language == "console":
            _console(text, tmp_path)
        elif language == "python":
            (tmp_path / "example.py").write_text(text)
            said = _run([sys.executable, "example.py"], tmp_path)
        elif language == "text":
            assert _same(text, said), f"{page.name} says {text!r}, but it is {said!r}"


def test_the_readme_names_commands_and_spaces_that_are_good(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text()
    assert readme.index("make explore") < readme.index("make test") < 200, "the two commands come first"
    (space,) = (text for language, _, text in _BLOCK.findall(readme) if language == "yaml")
    (tmp_path / "space.yaml").write_text(space)
    assert "designs" in _run([sys.executable, "-m", "codesign", "check", str(tmp_path / "space.yaml")], tmp_path)


def test_the_reference_is_what_the_tables_say() -> None:
    from codesign.cli.reference import cli_page, columns_page

    again = "run `python -m codesign.cli.reference`"
    assert (ROOT / "docs" / "reference" / "columns.md").read_text() == columns_page(), again
    assert (ROOT / "docs" / "reference" / "cli.md").read_text() == cli_page(), again
