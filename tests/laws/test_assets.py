"""codesign/workloads/assets: whatever happens to a download, what is read is what was pinned, and it came once."""

import hashlib
import io
import lzma
import multiprocessing
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from codesign.workloads.assets import AssetError, AssetUnavailable, fetch, read
from codesign.workloads.assets.archive import members
from codesign.workloads.assets.table import ASSETS, Asset

CONTENT = b"weights, for all anybody knows\n" * 1000
FILE = "package/data/model.bin"


def asset(content: bytes = CONTENT, path: str = FILE) -> Asset:
    return Asset("toy", "a toy", "none", "npm", "toy@1.0.0", 0.1, {path: hashlib.sha256(content).hexdigest()})


def tarball(path: Path, content: bytes = CONTENT) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as package:
        entry = tarfile.TarInfo(str(path))
        entry.size = len(content)
        package.addfile(entry, io.BytesIO(content))
    return made.getvalue()


@pytest.fixture
def registry(tmp_path, monkeypatch):
    """A stand-in for npm, first on the path: it takes a while, notes that it was called, and leaves what we gave it."""
    tools, cache = tmp_path / "tools", tmp_path / "cache"
    tools.mkdir()
    served, calls = tmp_path / "served.tgz", tmp_path / "calls"
    served.write_bytes(tarball(FILE))
    npm = tools / "npm"
    npm.write_text(f"#!/bin/sh\necho called >> {calls}\nsleep 0.3\ncp {served} toy-1.0.0.tgz\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    monkeypatch.setenv("CODESIGN_CACHE", str(cache))
    return tmp_path


def calls(registry: Path) -> int:
    return len((registry / "calls").read_text().splitlines())


def test_it_is_fetched_once_and_lies_outside_the_repository(registry):
    assert read(asset(), FILE) == CONTENT
    assert read(asset(), FILE) == CONTENT
    assert calls(registry) == 1
    assert fetch(asset()).is_relative_to(registry / "cache")
    assert not list((registry / "cache" / "assets").glob("*.partial"))


def test_processes_that_ask_at_once_share_one_download(registry):
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        assert pool.starmap(read, [(asset(), FILE)] * 6) == [CONTENT] * 6
    assert calls(registry) == 1


def test_what_an_interrupted_download_left_is_not_taken_for_whole(registry):
    torn = registry / "cache" / "assets" / "toy.partial" / "files" / "package" / "data"
    torn.mkdir(parents=True)
    (torn / "model.bin").write_bytes(CONTENT[:100])
    assert read(asset(), FILE) == CONTENT
    assert calls(registry) == 1


def test_a_file_damaged_in_the_cache_is_refused_and_says_what_to_do(registry):
    folder = fetch(asset())
    (folder / FILE).write_bytes(CONTENT[:-1] + b"?")
    with pytest.raises(AssetError, match=rf"asset toy: {FILE} has sha256 .* is pinned; remove {folder} and run again"):
        read(asset(), FILE)
    (folder / FILE).unlink()
    with pytest.raises(AssetError, match="is gone from the cache: remove"):
        read(asset(), FILE)


def test_a_package_that_changed_at_its_source_is_refused_and_not_kept(registry):
    (registry / "served.tgz").write_bytes(tarball(FILE, b"something else"))
    for _ in range(2):
        with pytest.raises(AssetError, match=r"as npm brought it in toy-1.0.0.tgz"):
            read(asset(), FILE)
    assert calls(registry) == 2, "the damaged download was kept"


@pytest.mark.parametrize(
    ("served", "said"),
    [(b"not an archive", "cannot be read"), (tarball("package/other"), "lacks package/data/model.bin")],
)
def test_an_archive_without_the_file_is_refused(registry, served, said):
    (registry / "served.tgz").write_bytes(served)
    with pytest.raises(AssetError, match=said):
        read(asset(), FILE)


def test_a_client_that_fails_or_is_missing_is_named(registry, monkeypatch):
    (registry / "tools" / "npm").write_text("#!/bin/sh\necho 'npm ERR! 404 no such package' >&2\nexit 1\n")
    with pytest.raises(AssetUnavailable, match=r"npm could not download toy@1.0.0: npm ERR! 404 no such package"):
        fetch(asset())
    (registry / "tools" / "npm").unlink()
    monkeypatch.setenv("PATH", str(registry / "tools"))
    with pytest.raises(AssetUnavailable, match="comes by npm, which this machine does not have"):
        fetch(asset())


def test_no_pinned_path_leaves_its_folder():
    for path in ("/etc/passwd", "package/../../outside"):
        with pytest.raises(ValueError, match="leaves its folder"):
            asset(path=path)
    for one in ASSETS.values():
        assert one.files, one.name
        assert all(len(sha256) == 64 for sha256 in one.files.values()), one.name


def test_files_are_read_out_of_each_kind_of_archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.whl", "w") as wheel:
        wheel.writestr(FILE, CONTENT)
        wheel.writestr("package/__init__.py", "raise SystemExit('this must never run')")
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as package:
        entry = tarfile.TarInfo(f"./{FILE}")
        entry.size = len(CONTENT)
        package.addfile(entry, io.BytesIO(CONTENT))
    parts = {"debian-binary": b"2.0\n", "control.tar.xz": b"odd", "data.tar.xz": lzma.compress(data.getvalue())}
    deb = b"!<arch>\n"
    for name, body in parts.items():
        deb += f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(body):<10}`\n".encode() + body + b"\n" * (len(body) % 2)
    (tmp_path / "a.deb").write_bytes(deb)
    (tmp_path / "a.tgz").write_bytes(tarball(FILE))
    for kind in ("whl", "deb", "tgz"):
        assert dict(members(tmp_path / f"a.{kind}", [FILE])) == {FILE: CONTENT}
    (tmp_path / "a.zip").write_bytes(b"")
    with pytest.raises(ValueError, match="not a wheel"):
        list(members(tmp_path / "a.zip", [FILE]))
