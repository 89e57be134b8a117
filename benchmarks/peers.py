"""SCALE-Sim, ZigZag and AccelForge, each in an environment of its own outside the repository, all of them optional.

An environment is made once, under `$CODESIGN_CACHE/peers` (default `~/.cache/codesign/peers`). A peer that cannot be
installed, runs out of memory or of time is a record that says so.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.workloads import Product

MEMORY_BYTES = 6 * 1024**3
CPU_S = 900  # of one peer on one workload and array; wall time is not limited, other jobs may share the machine
SCALESIM_CYCLES = 750_000  # a product of more takes minutes and gigabytes there: 3 KB and 0.1 ms a cycle, as measured
RUNS = Path(__file__).resolve().parent / "peer_runs"


@dataclass(frozen=True)
class Peer:
    """What to install and what to run in it."""

    name: str
    requirements: tuple[str, ...]
    script: str
    python: str = "3.11"  # at least


PEERS = {
    "scalesim": Peer("SCALE-Sim 3.0.0", ("scalesim==3.0.0", "numpy<2.4"), "scalesim_run.py"),
    "zigzag": Peer("ZigZag 3.9.1", ("zigzag-dse==3.9.1", "six"), "zigzag_run.py"),
    "accelforge": Peer("AccelForge", ("accelforge",), "accelforge_run.py", python="3.12"),
}


def environment(key: str) -> Path:
    """The peer's interpreter, installed if need be; `RuntimeError` if it cannot be."""
    peer = PEERS[key]
    folder = Path(os.environ.get("CODESIGN_CACHE", Path.home() / ".cache/codesign")).absolute() / "peers" / key
    python, ready = folder / "bin/python", folder / "ready"
    if ready.exists():
        return python
    print(f"installing {peer.name} into {folder}", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    for command in (
        [interpreter(peer.python), "-m", "venv", str(folder)],
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *peer.requirements],
    ):
        ended = subprocess.run(command, capture_output=True, text=True)
        if ended.returncode:
            raise RuntimeError(f"{peer.name}: {(ended.stderr.strip() or 'no output').splitlines()[-1][:200]}")
    ready.touch()
    return python


def interpreter(least: str) -> str:
    """A Python of at least this version: our own, one on the path, or one that pyenv keeps."""
    wanted = tuple(map(int, least.split(".")))
    if sys.version_info[:2] >= wanted:
        return sys.executable
    kept = sorted((Path.home() / ".pyenv/versions").glob("3.*/bin/python"), reverse=True)
    for candidate in (*(f"python3.{minor}" for minor in range(wanted[1], wanted[1] + 4)), *map(str, kept)):
        probe = "import sys; sys.exit(sys.version_info[:2] < " + repr(wanted) + ")"
        if shutil.which(candidate) and not subprocess.run([candidate, "-c", probe], capture_output=True).returncode:
            return candidate
    raise RuntimeError(f"no Python {least} or newer at hand")


def peer_record(key: str, workload: str, products: tuple[Product, ...], side: int) -> dict[str, object]:
    """Cycles of each product and processor time of all together; or `skipped` and why."""
    record: dict[str, object] = {"tool": PEERS[key].name, "workload": workload, "array": side}
    longest = max(_cycles(one, side) for one in products)
    if key == "scalesim" and longest > SCALESIM_CYCLES:
        return record | {"skipped": f"a product of {longest:,} cycles is beyond {SCALESIM_CYCLES:,}"}
    request = {
        "array": side, "memory_bytes": MEMORY_BYTES,
        "products": [(one.name, one.m, one.k, one.n, one.repeat) for one in products],
    }  # fmt: skip
    environ = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    try:
        with tempfile.TemporaryDirectory() as folder:  # AccelForge draws its mapping where it stands
            ended = subprocess.run(
                [environment(key), RUNS / PEERS[key].script],
                input=json.dumps(request), capture_output=True, text=True, env=environ, preexec_fn=_limit, cwd=folder,
            )  # fmt: skip
    except (RuntimeError, OSError) as error:
        return record | {"skipped": str(error)}
    if ended.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return record | {"skipped": f"more than {CPU_S} s of processor time, or killed"}
    if ended.returncode:
        return record | {"skipped": (ended.stderr.strip() or "no output").splitlines()[-1][:200]}
    return record | json.loads(ended.stdout.strip().splitlines()[-1])


def _limit() -> None:
    """Before a peer starts: what it may use."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 5))


def _cycles(one: Product, side: int) -> int:
    """What SCALE-Sim will count, which is what it costs."""
    from hw_models.compat.scalesim import figures

    return figures(one.m, one.k, one.n, side, side, "weight_stationary").true_cycles
