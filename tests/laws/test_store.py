"""A row that was finished is never lost and never doubled, whatever happens to the process that writes."""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from codesign.explore.store import Store
from codesign.rows import Row
from codesign.rows.frame import read

_ROW = Row(
    key="", workload="w", method="m", repair="none", pruned_ratio=0.1, scope="s", ranking="global",
    weight_format="int8", hardware="h", seed=0, design_json="{}" * 300, version="1",
)  # fmt: skip

# Says each key on stdout once its row is on disk; begins where the store stands.
_WRITER = """
import sys
from pathlib import Path
from dataclasses import replace
from codesign.explore.store import Store
from tests_row import ROW
store = Store(Path(sys.argv[1]))
for number in range(len(store.keys), 100_000):
    for row in store.append([replace(ROW, key=f"{sys.argv[2]}{number:08}")]):
        print(row.key, flush=True)
"""


def _writer(tmp_path: Path, folder: Path, prefix: str = "k") -> subprocess.Popen[str]:
    (tmp_path / "tests_row.py").write_text(f"from codesign.rows import Row\nROW = {_ROW!r}\n")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-c", _WRITER, str(folder), prefix]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def _keys(folder: Path) -> list[str]:
    return [json.loads(line)["key"] for line in (folder / "rows.jsonl").read_text().splitlines()]


@pytest.mark.slow
def test_kill_9_at_fifty_random_moments_loses_and_doubles_nothing(tmp_path: Path) -> None:
    folder, chance, said = tmp_path / "store", random.Random(0), set[str]()
    for _ in range(50):
        process = _writer(tmp_path, folder)
        assert process.stdout is not None
        said.add(process.stdout.readline().strip())  # it is at work
        time.sleep(chance.uniform(0, 0.02))
        process.kill()
        said |= {line.strip() for line in process.stdout.readlines() if line.endswith("\n")}
        process.wait()
    Store(folder).close()  # cuts what the last one tore
    keys = _keys(folder)
    assert said <= set(keys), "a row that was said to be on disk is lost"
    assert len(keys) == len(set(keys)), "a row is there twice"
    assert len(keys) > 50


def test_two_writers_at_once_lose_and_double_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    writers = [_writer(tmp_path, folder, "same") for _ in range(2)]
    time.sleep(1.5)
    for writer in writers:
        writer.kill()
    said = [line.strip() for writer in writers if writer.stdout for line in writer.stdout if line.endswith("\n")]
    Store(folder).close()
    keys = _keys(folder)
    assert len(keys) == len(set(keys))
    assert set(said) <= set(keys)
    assert max(Counter(said).values()) == 1, "both writers say that they wrote the same row"


@pytest.mark.parametrize("cut", [1, 7, 200])
def test_a_torn_last_line_is_cut_off_and_its_design_done_again(tmp_path: Path, cut: int) -> None:
    store = Store(tmp_path)
    store.append([replace(_ROW, key=str(number)) for number in range(3)])
    store.close()
    path = tmp_path / "rows.jsonl"
    path.write_bytes(path.read_bytes()[:-cut])
    assert list(read(tmp_path)["key"]) == ["0", "1"], "a report does not show a torn row"
    store = Store(tmp_path)
    assert store.keys == {"0", "1"}
    store.append([replace(_ROW, key="2")])
    store.close()
    assert _keys(tmp_path) == ["0", "1", "2"]


def test_a_full_disk_takes_back_what_it_had_begun_and_says_so(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.append([replace(_ROW, key=str(number)) for number in range(3)])
    size = (tmp_path / "rows.jsonl").stat().st_size
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, before[1]))
    try:
        with pytest.raises(ValueError, match="no room to write"):
            store.append([replace(_ROW, key="3")])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert _keys(tmp_path) == ["0", "1", "2"]
    store.append([replace(_ROW, key="3")])
    store.close()
    assert _keys(tmp_path) == ["0", "1", "2", "3"]


def test_a_key_that_is_there_is_not_written_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert len(store.append([replace(_ROW, key="a"), replace(_ROW, key="a"), replace(_ROW, key="b")])) == 2
    assert store.append([replace(_ROW, key="b")]) == []
    assert [row.key for row in store.append([replace(_ROW, key="b", seed=1)], replace=True)] == ["b"]
    store.close()
    rows = read(tmp_path)
    assert list(rows["key"]) == ["a", "b"]
    assert list(rows["seed"]) == [0, 1], "of two rows with one key the last counts"


def test_a_hundred_thousand_rows_are_all_there(tmp_path: Path) -> None:  # how soon: python -m benchmarks.explorer
    line = _ROW.to_json()
    with (tmp_path / "rows.jsonl").open("w") as file:
        file.writelines(line.replace('"key": ""', f'"key": "{number:016x}"') + "\n" for number in range(100_000))
    store = Store(tmp_path)
    assert len(store.keys) == 100_000
    store.close()
