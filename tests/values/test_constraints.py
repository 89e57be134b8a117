"""What a space can not do with: plain contradictions are refused, rows that break a constraint are on no front."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesign.explore.aside import wishes_files
from codesign.explore.space import Space
from codesign.report.page import write_page
from codesign.report.results import ALLOWED, Results, on_front
from codesign.rows import Row
from codesign.rows.condition import Condition, contradiction

SPACE = {"workload": "speech", "prune": {"ratio": [0.0, 0.1]}}


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        (("area_mm2 <= 1", "area_mm2 >= 2"), "`area_mm2 >= 2` and `area_mm2 <= 1` leave area_mm2 no value"),
        (("1 < cycles and cycles < 9", "10 <= cycles"), "leave cycles no value"),
        (("5 < cycles < 3",), "leave cycles no value"),
        (("area_mm2 <= 1", "area_mm2 >= 1", "quality < 0.1"), None),
        (("area_mm2 <= 1 or cycles < 3", "area_mm2 >= 2"), None),
    ],
)
def test_a_plain_contradiction_is_found(texts: tuple[str, ...], why: str | None) -> None:
    found = contradiction(map(Condition, texts))
    assert (found is None) if why is None else (found is not None and why in found)


def test_a_space_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="leave area_mm2 no value"):
        Space.of({**SPACE, "constraints": ["area_mm2 <= 1", "area_mm2 > 2"]})


def _store(folder: Path, rows: list[Row], **wished: object) -> Results:
    (folder / "wishes").mkdir(parents=True)
    (folder / "rows.jsonl").write_text("".join(row.to_json() + "\n" for row in rows))
    for name, content in wishes_files(Space.of({**SPACE, **wished})).items():
        (folder / name).write_bytes(content)
    return Results.load(folder)


def test_rows_that_break_a_constraint_are_kept_and_on_no_front(tmp_path: Path, made_rows: list[Row]) -> None:
    results = _store(tmp_path, made_rows, constraints=["area_mm2 < 0.5", "energy_uj / latency_ms > 0"])
    rows = results.of("speech")
    assert len(rows) == len(made_rows)
    assert (rows[ALLOWED] == (rows["area_mm2"] < 0.5)).all()
    assert on_front(rows).sum() > 0
    assert not (on_front(rows) & ~rows[ALLOWED]).any()
    assert "<code>area_mm2 &lt; 0.5</code>" in write_page(results, {}, tmp_path).read_text()


def test_a_row_that_lacks_what_a_constraint_speaks_of_breaks_it(tmp_path: Path, made_rows: list[Row]) -> None:
    results = _store(tmp_path, made_rows, constraints=["seq < 1000"])
    assert not results.of("speech")[ALLOWED].any(), "made rows have no seq"


def test_the_page_begins_with_the_objectives_of_the_space(tmp_path: Path, made_rows: list[Row]) -> None:
    page = write_page(_store(tmp_path, made_rows, objectives=["latency_ms", "area_mm2"]), {}, tmp_path).read_text()
    assert '"start": ["latency_ms", "area_mm2"]' in page
    assert "at once in: latency and area." in page
