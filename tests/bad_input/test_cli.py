"""Bad input gives one clear line on stderr and exit status 2: never a traceback, never a result."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from codesign.cli import app
from codesign.explore.space import Space
from codesign.explore.store import Store

GOOD = "workload: {shapes: vit-base}\nprune: {method: random, ratio: 0.5}\nhardware: edge16\n"


def complaint(*arguments: str) -> str:
    """What the command says; it must raise ValueError, which `main` prints in one line before it exits with 2."""
    result = CliRunner().invoke(app(), arguments)
    assert isinstance(result.exception, ValueError) or result.exit_code == 2, result.output
    return str(result.exception) if isinstance(result.exception, ValueError) else result.output


@pytest.mark.parametrize(
    ("space", "says"),
    [
        ("workload: speech\nprune: {methode: wanda}", "methode: no such field; did you mean 'method'"),
        ("workload: speech\nprune: {ratio: 1.5}", "ratio: 1.5"),
        ("workload: speech\nprune: {ratio: -0.1}", "ratio: -0.1"),
        ("workload: speech\nprune: {ratio: .nan}", "ratio: nan"),
        ("workload: speech\nprune: {ratio: [0.1, 0.2]}\nprune: {ratio: 0.3}", "prune"),
        ("workload: speech\nprune: {block: 0}", "block"),
        ("workload: speech\nprune: {ratio: []}", "empty list"),
        ("workload: speech\nhardware: {base: edge61}", "did you mean edge16"),
        ("workload: speech\nhardware: {base: edge16, array.rowz: 4}", "did you mean rows"),
        ("workload: speech\nhardware: {base: edge16, array.size: -4}", "-4"),
        ("workload: speech\nobjectives: [speed]", "did you mean 'speedup'"),
        ("workload: speech\nobjectives: []", "objectives"),
        ("workload: speech\nhardwear: edge16", "hardwear: no such field; did you mean 'hardware'"),
        ("workload: speech\nwhere: ['prune.ration > 0.1']", "did you mean 'prune.ratio'"),
        ("workload: speech\nwhere: ['prune.ratio > 0.1']\nprune: {ratio: 0.05}", "no design is left of 1"),
        ("workload: speech\nwhere: ['import os']", "cannot be read"),
        ("workload: speech\nconstraints: ['aera_mm2 < 1']", "did you mean 'area_mm2'"),
        ("workload: speech\nprune: {ratio: {from: 0.3, to: 0.1, step: 0.1}}", "from <= to"),
        ("prune: {ratio: 0.1}", "workload"),
        ("[1, 2]", "want a mapping"),
        ("workload: [", "not good YAML"),
        ("", "want a mapping"),
    ],
)
def test_a_bad_space(tmp_path: Path, space: str, says: str) -> None:
    path = tmp_path / "space.yaml"
    path.write_text(space)
    said = complaint("sweep", str(path), "--out", str(tmp_path / "out"))
    assert says in said
    assert "\n" not in said.strip()
    assert not (tmp_path / "out" / "rows.jsonl").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("sweep", "nowhere.yaml", "--out", "x"), "neither a file nor one of"),
        (("run", "--set", "array.size"), "NAME=VALUE"),
        (("run", "--ratio", "2"), "ratio"),
        (("run", "--block", "16z"), "'16z' is neither a side (8), nor (out)x(in) (8x16), nor 'array'"),
        (("run", "--workload", "speach"), "did you mean 'speech'"),
        (("run", "--shapes", "vit-bace"), "did you mean vit-base"),
        (("run", "--shapes", "vit-base", "--ratio", "0.5", "--method", "wanda"), "shapes have no weights to score"),
        (("run", "--shapes", "vit-base", "--option", "sek=5"), "did you mean 'seq'"),
        (("run", "--design", "{"), "design"),
        (("report", "nowhere"), "no rows.jsonl"),
        (("ls", "method"), "did you mean 'methods'"),
        (("check", "nowhere.yaml"), "no such file"),
        (("sweep", "speech", "--out", "x", "--executor", "dusk"), "did you mean 'dask'"),
        (("sweep", "speech", "--out", "x", "--executor", "dask"), "--scheduler"),
    ],
)
def test_a_bad_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], says: str) -> None:
    monkeypatch.chdir(tmp_path)
    assert says in complaint(*arguments)


@pytest.mark.parametrize("name", ["mask.npy", "plan.safetensors", "topology.csv", "net.onnx", "table.txt"])
def test_check_refuses_what_is_none_of_its_kinds(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"this is not it")
    assert str(path) in complaint("check", str(path)) or name in complaint("check", str(path))


def test_a_read_only_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    locked = Path("/proc") if os.geteuid() == 0 else tmp_path  # root writes everywhere but there
    with pytest.raises(ValueError, match="cannot be written"):
        Store(locked / "out")


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(ValueError, match="cannot be written"):
        Store(tmp_path / "out")


def test_an_empty_store_says_so(tmp_path: Path) -> None:
    Store(tmp_path).close()
    assert "no finished row" in complaint("report", str(tmp_path))


def test_a_bad_machine_in_a_product_is_found_before_the_sweep_begins() -> None:
    space = Space.of({"workload": {"shapes": "vit-base"}, "hardware": {"base": "edge16", "array.size": [4, 0]}})
    with pytest.raises(ValueError, match="rows"):
        list(space.designs())
