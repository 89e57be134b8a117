"""Formulas take numpy arrays and torch tensors alike, and give back the kind that came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from torch import Tensor

Array = TypeVar("Array", npt.NDArray[np.floating], "Tensor")  # the same kind out as in


def numbers(values: npt.ArrayLike | Tensor) -> npt.NDArray[np.float64]:
    """As numpy, in float64."""
    return np.asarray(values.detach().cpu().double() if hasattr(values, "detach") else values, np.float64)


def finite(result: Array, where: str) -> Array:
    """The result; ValueError where NaN or an infinite value came in, for either reaches every sum it is part of."""
    if not bool((abs(result) < float("inf")).all()):
        raise ValueError(f"{where}: the weights, inputs or scores hold NaN or infinite values")
    return result


def checked_ratio(ratio: float, where: str) -> float:
    """The ratio; ValueError where it is not in [0, 1)."""
    if not 0 <= ratio < 1:
        raise ValueError(f"{where}: ratio: {ratio} is not in [0, 1)")
    return ratio


def like(result: npt.NDArray[Any], given: Array) -> Array:  # Any: of whatever number
    """The result in the kind of what was given; numpy, where that was a list."""
    if not hasattr(given, "detach"):
        return cast("Array", result)
    import torch

    return torch.from_numpy(result).to(given.device)  # type: ignore[return-value]  # given is a tensor here
