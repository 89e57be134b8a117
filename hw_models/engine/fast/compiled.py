"""How the kernels of the fast engine are compiled, and what they take and give."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numba
import numpy as np
import numpy.typing as npt

Function = TypeVar("Function", bound=Callable[..., Any])
Ints = npt.NDArray[np.int64]
Grid = npt.NDArray[np.uint8]  # 1: the granule lives

COMPILED_FROM = (
    "compiled", "masked", "masked_look", "masked_passes", "masked_steps", "masked_streams", "recurrence", "shape",
    "totals",
)  # fmt: skip
"""Modules of this package whose functions or constants end up in compiled code."""


def _cache_folder() -> Path | None:
    """Where compiled code is kept, by the content of every source it comes from; None where nothing can be written.

    Numba itself looks only at the file of the function it compiles, and would run old code where another file,
    whose functions it has drawn in, was edited. The package's own folder may be read-only.
    """
    here = Path(__file__).parent
    sources = [here / f"{name}.py" for name in COMPILED_FROM] + [here.parents[1] / "cost.py"]
    content = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    chosen = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("CODESIGN_CACHE")
    folder = Path(chosen or Path.home() / ".cache" / "codesign") / "numba" / content
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


FOLDER = _cache_folder()


def compiled(function: Function) -> Function:
    """Compile on first use, and keep the result for the next process."""
    jit: Any = numba.njit  # typed for every way of calling it, none of which is this
    if FOLDER is None:
        anew: Function = jit(function, error_model="numpy")
        return anew
    config: Any = numba.config  # numba fills this module at run time
    before, config.CACHE_DIR = config.CACHE_DIR, str(FOLDER)
    try:
        kept: Function = jit(function, error_model="numpy", cache=True)
        return kept
    finally:
        config.CACHE_DIR = before


class Slabs(NamedTuple):
    """What a mask leaves of each slab of weights; a slab's index is its place along k, then along n."""

    size: Ints
    """(slabs,) granules, dead or alive."""
    live: Ints
    """(slabs,) granules alive."""
    inputs: Ints
    """(slabs,) rows of the reduction that meet a live weight."""
    weights: Ints
    """(slabs,) live."""
    stay_inputs: Ints
    """(k_slabs,) rows of the reduction that meet a live weight of any output."""
    outputs: Grid
    """(n granules,) 1 where a column of granules lives."""


class Passes(NamedTuple):
    """The passes of one fold over the tokens."""

    groups: Ints
    """(groups, 4) equal passes that follow each other, see recurrence."""
    first: Ints
    """(slabs + 1,) where each slab's groups begin."""
    trailing: Ints
    """(slabs,) search cycles behind the last pass."""
    tally: Ints
    """Over all slabs: passes, activations read by a token, rows loaded, rows streamed, sums of a token."""
    bits_once: Ints
    """(slabs,) of the bitmap, looked at in every step."""
    bits_each_fold: Ints
    """(slabs,) looked at again for each fold over the tokens."""
