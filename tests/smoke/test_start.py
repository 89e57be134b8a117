"""What starts at once: the command's help, the package, the report; none of them brings torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from codesign.cli import VERBS


def _python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120).stdout


@pytest.mark.parametrize(
    "code", ["import codesign", "import codesign.report", "import codesign.rows.frame", "import codesign.explore.space"]
)
def test_torch_stays_away(code: str) -> None:
    assert _python(f"{code}; import sys; print('torch' in sys.modules)").strip() == "False"


def test_help_brings_nothing_heavy() -> None:
    heavy = ("torch", "pandas", "numpy", "pydantic", "matplotlib", "simpy", "numba")
    code = f"import sys; from codesign.cli import app; app(); print([name for name in {heavy} if name in sys.modules])"
    assert _python(code).strip() == "[]"


def test_a_report_is_drawn_without_torch(made_store: Path) -> None:
    code = f"""
import sys, pathlib
from codesign.report.table import write_tables
from codesign.report.page import write_page
from codesign.report.results import Results
results = Results.load(pathlib.Path({str(made_store)!r}))
write_tables(results, results.folder), write_page(results, {{}}, results.folder)
print('torch' in sys.modules)"""
    assert _python(code).strip() == "False"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_that_ends_in_examples(verb: str) -> None:
    from typer.testing import CliRunner

    from codesign.cli import app

    said = CliRunner().invoke(app(), [verb, "--help"])
    assert said.exit_code == 0
    assert f"codesign {verb}" in said.output[said.output.index("Examples:") :]


def test_the_facade_knows_its_names_and_no_others() -> None:
    import codesign

    for name in codesign.__all__:
        assert getattr(codesign, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'prun'"):
        codesign.prun  # noqa: B018
