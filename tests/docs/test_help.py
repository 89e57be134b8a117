"""The examples that each verb's help ends in: what takes long is stopped where its first design would begin."""

from __future__ import annotations

import importlib
import shlex
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from codesign.cli import app

ROOT = Path(__file__).parents[2]
VERBS = ("check", "compare", "ls", "report", "run", "search", "simulate", "sweep")
EXAMPLES = [
    line
    for verb in VERBS
    for line in importlib.import_module(f"codesign.cli.{verb}").EXAMPLES.splitlines()
    if line.startswith("codesign ")
]
LONG = ("evaluate.trip", "sweep.sweep", "search.search")


class Reached(Exception):  # noqa: N818  # nothing is wrong
    """All that the command said was understood."""


@pytest.mark.parametrize("command", EXAMPLES)
def test_an_example_of_the_help_runs_as_it_stands(
    command: str, tmp_path: Path, made_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begin(*_: object, **__: object) -> None:
        raise Reached

    for name in LONG:
        module, function = name.split(".")
        monkeypatch.setattr(importlib.import_module(f"codesign.explore.{module}"), function, begin)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "space.yaml").write_text("workload: speech\nprune: {ratio: [0.0, 0.1], block: array}\n")
    shutil.copy(ROOT / "hw_models" / "configs" / "edge16.yaml", tmp_path / "machine.yaml")
    for store in ("speech", "before", "after"):
        shutil.copytree(made_store, tmp_path / "results" / store)
    result = CliRunner().invoke(app(), shlex.split(command)[1:])
    assert result.exit_code == 0 or isinstance(result.exception, Reached), f"{result.exception!r}\n{result.output}"
