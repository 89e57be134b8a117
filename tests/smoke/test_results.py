"""Reading stores: of several versions, while one grows, two beside each other, and who wins."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from codesign.report.compare import compare
from codesign.report.gallery import write_gallery
from codesign.report.page import write_page
from codesign.report.results import Results
from codesign.report.table import write_tables
from codesign.report.winners import winners
from codesign.rows import COLUMNS, Row


def _write(folder: Path, rows: list[Row]) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "rows.jsonl").write_text("".join(row.to_json() + "\n" for row in rows))
    return folder


def test_rows_of_another_version_are_kept_marked_and_not_mixed(tmp_path: Path, made_rows: list[Row]) -> None:
    old = [replace(row, version="0.0.9", key=f"old{number}") for number, row in enumerate(made_rows[:5])]
    store = _write(tmp_path / "store", [*old, *made_rows])
    results = Results.load(store)
    assert len(results.finished) == len(made_rows)
    assert results.other_versions == {"0.0.9": 5}
    assert "5 of version 0.0.9" in write_page(results, {}, store).read_text()
    assert len(Results.load(store, "0.0.9").finished) == 5
    with pytest.raises(ValueError, match=r"no row of version '7'; it has 0\.1\.0, 0\.0\.9"):
        Results.load(store, "7")


def test_a_store_is_read_while_a_row_is_being_written(tmp_path: Path, made_rows: list[Row]) -> None:
    store = _write(tmp_path / "store", made_rows)
    with (store / "rows.jsonl").open("a") as file:
        file.write(made_rows[0].to_json()[:200])
    assert len(Results.load(store).finished) == len(made_rows)


def test_a_failed_design_is_in_the_table_and_on_the_page(tmp_path: Path, made_rows: list[Row]) -> None:
    broken = replace(made_rows[0], key="broken", cycles=None, quality=None, speedup=None, error="it <b>broke</b>")
    store = _write(tmp_path / "store", [*made_rows, broken])
    results = Results.load(store)
    assert len(results.finished) == len(made_rows)
    csv, parquet = write_tables(results, store)
    assert csv.read_text().splitlines()[0] == ",".join(COLUMNS)
    assert parquet.is_file()
    page = write_page(results, {}, store).read_text()
    assert "it &lt;b&gt;broke&lt;/b&gt;" in page


def test_two_stores_say_what_moved(tmp_path: Path, made_rows: list[Row]) -> None:
    named = [replace(row, design_json=json.dumps({"n": number})) for number, row in enumerate(made_rows)]
    faster = [replace(named[0], latency_ms=(named[0].latency_ms or 0) * 0.9), *named[1:-1]]
    moved = compare(_write(tmp_path / "a", named), _write(tmp_path / "b", faster))
    assert (moved.both, moved.only_before, moved.only_after) == (len(named) - 1, 1, 0)
    assert len(moved.changes) == 1
    assert moved.changes.iloc[0]["change"] == pytest.approx(-0.1)
    assert "latency_ms: 1 moved" in moved.text()
    assert "nothing moved" in compare(tmp_path / "a", tmp_path / "a").text()
    assert json.dumps(moved.as_dict())


def test_two_versions_in_one_store_are_not_compared_in_silence(tmp_path: Path, made_rows: list[Row]) -> None:
    older = [replace(row, key=f"old-{row.key}", version="0.0.9", latency_ms=1.0) for row in made_rows[:5]]
    _write(tmp_path / "a", [*older, *made_rows])
    _write(tmp_path / "b", made_rows)
    moved = compare(tmp_path / "a", tmp_path / "b")
    assert "nothing moved" in moved.text()
    assert "5 rows of other versions left out" in moved.text()


def test_the_gallery_shows_each_figure_and_draws_it_again(
    made_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    png = made_store / "figures" / "methods.png"
    book = json.loads(write_gallery({("speech", "methods"): png}, made_store, made_store).read_text())
    assert "(figures/methods.png)" in "".join(book["cells"][2]["source"])
    begin, again = ("".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code")
    names: dict[str, object] = {}
    monkeypatch.chdir(made_store)
    exec(begin, names)
    assert "<svg" in eval(again, names)._repr_svg_()
    with pytest.raises(ValueError, match="not one of tradeoff"):
        eval("picture(results, 'tradeof', 'speech')", names)


def test_the_winner_is_the_method_with_the_best_quality(tmp_path: Path, made_rows: list[Row]) -> None:
    won = winners(_write(tmp_path / "store", made_rows))
    assert len(won) == 4 * 3, "arrays x rates"
    assert {one["best"] for one in won} == {"wanda + least_squares"}
    assert {one["next"] for one in won} == {"magnitude"}


def test_a_winner_says_how_far_its_seeds_spread(tmp_path: Path, made_rows: list[Row]) -> None:
    one = next(row for row in made_rows if row.pruned_ratio == 0.1)
    seeds = [replace(one, key=f"{n}", seed=n, quality=quality) for n, quality in enumerate((0.05, 0.04, 0.06))]
    (won,) = winners(_write(tmp_path / "seeds", seeds))
    assert (won["seeds"], won["quality_low"], won["quality_high"]) == (3, 0.04, 0.06)
    (won,) = winners(_write(tmp_path / "one", seeds[:1]))
    assert (won["seeds"], won["quality_low"], won["quality_high"]) == (1, one.quality_low, one.quality_high)
