"""Bringing an asset into the cache, whole or not at all, and reading its files with their checksums verified."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import time
from pathlib import Path

from filelock import FileLock

from codesign.workloads.assets.archive import UNREADABLE, members
from codesign.workloads.assets.clients import download
from codesign.workloads.assets.table import ASSETS, Asset, AssetError

_log = logging.getLogger(__name__)


def cache_folder() -> Path:
    """Where downloads and trained nets are kept: `$CODESIGN_CACHE`, else `~/.cache/codesign`."""
    return Path(os.environ.get("CODESIGN_CACHE") or Path.home() / ".cache" / "codesign").expanduser().absolute()


def fetch(asset: Asset) -> Path:
    """The folder that holds the asset's pinned files; downloads it where it is not there yet.

    Several processes may ask at once: one downloads, the others wait. A download that was cut off leaves nothing that
    is taken for whole: the folder gets its name when every checksum is right.
    """
    root = cache_folder() / "assets"
    folder = root / f"{asset.name}-{asset.digest[:12]}"
    if folder.is_dir():
        return folder
    root.mkdir(parents=True, exist_ok=True)
    with FileLock(root / f"{asset.name}.lock"):
        if not folder.is_dir():
            _bring(asset, folder)
    return folder


def locate(asset: str | Asset, path: str) -> Path:
    """Where one pinned file lies. Raises AssetError where its content is not what was pinned."""
    asset = ASSETS[asset] if isinstance(asset, str) else asset
    folder = fetch(asset)
    file = folder / path
    if not file.is_file():
        raise AssetError(f"asset {asset.name}: {path} is gone from the cache: remove {folder} and run again")
    with file.open("rb") as content:
        _verify(asset, path, hashlib.file_digest(content, "sha256").hexdigest(), f"remove {folder} and run again")
    return file


def read(asset: str | Asset, path: str) -> bytes:
    """The content of one pinned file, as `locate`."""
    return locate(asset, path).read_bytes()


def _bring(asset: Asset, folder: Path) -> None:
    start = time.monotonic()
    _log.info("fetching %s (%.1f MB) by %s: %s", asset.name, asset.size_mb, asset.client, asset.what)
    partial = folder.with_name(f"{asset.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)  # what an interrupted run left
    (partial / "download").mkdir(parents=True)
    (partial / "files").mkdir()
    try:
        archive = download(asset, partial / "download", cache_folder() / "apt")
        _unpack(asset, archive, partial / "files")
        (partial / "files").rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    _log.info("fetched %s in %.1f s", asset.name, time.monotonic() - start)


def _unpack(asset: Asset, archive: Path, folder: Path) -> None:
    found = set()
    try:
        for path, content in members(archive, asset.files):
            _verify(asset, path, hashlib.sha256(content).hexdigest(), f"as {asset.client} brought it in {archive.name}")
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
            found.add(path)
    except UNREADABLE as reason:
        raise AssetError(f"asset {asset.name}: {archive.name} cannot be read: {reason}") from reason
    if missing := sorted(asset.files.keys() - found):
        raise AssetError(f"asset {asset.name}: {archive.name} lacks {missing[0]} and {len(missing) - 1} more")


def _verify(asset: Asset, path: str, sha256: str, where: str) -> None:
    if sha256 != asset.files[path]:
        raise AssetError(
            f"asset {asset.name}: {path} has sha256 {sha256[:12]}, but {asset.files[path][:12]} is pinned; {where}"
        )
