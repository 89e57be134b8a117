"""The fast engine: the law of docs/timing.md as a recurrence over live granules and steps, closed form where it can be.

It imports numba only for a product with a mask.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from hw_models.engine.dense import run_dense
from hw_models.engine.survey import Survey
from hw_models.engine.totals import figures_of
from hw_models.hardware import Hardware
from hw_models.program import Gemm, TileMask
from hw_models.sparsity import product_of


def run_gemm(gemm: Gemm, hardware: Hardware) -> dict[str, int]:
    """Figures of one repetition of a product, by the names of `FIGURES`; those it lacks are 0."""
    product = product_of(gemm, hardware)
    survey = Survey.of(product, hardware)
    if product.alive is None:
        return figures_of(run_dense(survey), survey)
    from hw_models.engine.masked import run_masked, shape_of

    alive = product.alive.astype(np.uint8)
    return figures_of(run_masked(alive, shape_of(survey), np.array(survey.rules())), survey)
