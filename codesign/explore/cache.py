"""What is dear is kept: plans and qualities by content, outside any repository, shared by all sweeps of a user."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from codesign.quality import Quality

if TYPE_CHECKING:
    from codesign.pruning import PrunePlan


def folder() -> Path:
    """`$CODESIGN_CACHE`, else `~/.cache/codesign`, beside the assets."""
    return Path(os.environ.get("CODESIGN_CACHE") or Path.home() / ".cache" / "codesign").expanduser() / "results"


def content_key(*parts: str) -> str:
    """One name for the content that a result hangs on."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def quality(key: str, judge: Callable[[], Quality]) -> Quality:
    """The quality kept under that key, else what `judge` says."""
    path = folder() / "quality" / f"{key}.json"
    with _turn(path):
        if not path.is_file():
            _put(path, json.dumps(asdict(judge()), indent=1).encode())
        return Quality(**json.loads(path.read_text()))


def masks(key: str, make: Callable[[], PrunePlan]) -> PrunePlan:
    """The plan kept under that key, else what `make` gives; without its mended weights.

    Masks and biases are all that lowering asks. Mended weights are as large as the model, and needed only until the
    quality is known, which is kept too.
    """
    from codesign.pruning import PrunePlan, Repair

    path = folder() / "plans" / f"{key}.safetensors"
    with _turn(path):
        if not path.is_file():
            plan = make()
            biases = {name: Repair(bias=one.bias) for name, one in plan.repairs.items() if one.bias is not None}
            partial = path.with_suffix(f".{os.getpid()}")
            replace(plan, repairs=biases).save(partial)
            partial.replace(path)
        return PrunePlan.load(path)


def _put(path: Path, content: bytes) -> None:
    partial = path.with_suffix(f".{os.getpid()}")
    partial.write_bytes(content)
    partial.replace(path)


@contextmanager
def _turn(path: Path) -> Iterator[None]:
    """One process at a time makes what stands at `path`; the others wait and then find it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
