"""How the kernels of the fast engine are compiled, and what they take and give."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numba
import numpy as np
import numpy.typing as npt

Function = TypeVar("Function", bound=Callable[..., Any])
Ints = npt.NDArray[np.int64]
Grid = npt.NDArray[np.uint8]  # 1: the granule lives

COMPILED_FROM = ("compiled", "masked", "masked_slabs", "recurrence", "shape", "totals")
"""Modules of this package whose functions or constants end up in compiled code."""


def _cache_folder() -> Path | None:
    """Where compiled code is kept, by the content of every source it comes from; None where nothing can be written.

    Numba itself looks only at the file of the function it compiles, and would run old code where another file,
    whose functions it has drawn in, was edited. The package's own folder may be read-only.
    """
    here = Path(__file__).parent
    sources = [here / f"{name}.py" for name in COMPILED_FROM] + [here.parent / "cost.py"]
    content = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    root = numba.config.CACHE_DIR or os.environ.get("CODESIGN_CACHE") or Path.home() / ".cache" / "codesign"
    folder = Path(root) / "numba" / content
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


FOLDER = _cache_folder()


def compiled(function: Function) -> Function:
    """Compile on first use, and keep the result for the next process."""
    jit = partial(numba.njit, error_model="numpy")
    if FOLDER is None:
        return jit(function)  # type: ignore[no-any-return]
    before, numba.config.CACHE_DIR = numba.config.CACHE_DIR, str(FOLDER)
    try:
        return jit(function, cache=True)  # type: ignore[no-any-return]
    finally:
        numba.config.CACHE_DIR = before


class Slabs(NamedTuple):
    """What a mask leaves of each slab of weights; a slab's index is its place along k, then along n."""

    groups: Ints
    """(groups, 4): passes of one fold over the tokens, see recurrence."""
    first: Ints
    """(slabs + 1,) where each slab's groups begin."""
    trailing: Ints
    """(slabs,) search cycles behind the last pass."""
    live: Ints
    """(slabs,) granules."""
    inputs: Ints
    """(slabs,) rows of the reduction that meet a live weight."""
    weights: Ints
    """(slabs,) live."""
    stay_inputs: Ints
    """(k_slabs,) rows of the reduction that meet a live weight of any output."""
    outputs: Grid
    """(n granules,) 1 where a column of granules lives."""
    tally: Ints
    """Over all slabs: passes, activations read by a token, rows loaded, rows streamed, sums of a token; of one fold."""
