"""How the kernels of the fast engine are compiled, and what they take and give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])
Ints = npt.NDArray[np.int64]
Grid = npt.NDArray[np.uint8]  # 1: the granule lives


def compiled(function: Function) -> Function:
    """Compile on first use and keep the result: beside the module, or in the user's cache where that is read-only."""
    try:
        return njit(cache=True)(function)  # type: ignore[no-any-return]
    except RuntimeError:  # no folder that numba may write to: every process compiles anew
        return njit(function)  # type: ignore[no-any-return]


class Shape(NamedTuple):
    """A product on a machine as the kernels see it: whole numbers only."""

    rows: int
    cols: int
    m: int
    m_slab: int
    k: int
    k_slab: int
    n: int
    n_slab: int
    granule_k: int
    granule_n: int
    output_stationary: bool
    input_stationary: bool
    packed: bool
    m_outer: bool
    activations_stay: bool
    weights_stay: bool
    exact: bool
    load_row: int
    """Cycles."""
    stream_row: int
    scan_bits: int
    activation_bytes: int
    weight_bytes: int
    bias_bytes: int
    dram: bool


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
    outputs: Ints
    """(n granules,) 1 where a column of granules lives."""
    tally: Ints
    """Over all slabs: passes, activations read by a token, rows loaded, rows streamed, sums of a token; of one fold."""
