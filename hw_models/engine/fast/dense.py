"""The fast engine on products without a mask: closed form, and nothing but plain Python to import."""

from __future__ import annotations

from hw_models.engine.fast.banked_walk import BankedWalk
from hw_models.engine.fast.dense_slab import selector_bytes, weight_slab_bytes
from hw_models.engine.fast.dense_walk import Walk
from hw_models.engine.fast.survey import Survey
from hw_models.engine.fast.totals import Totals
from hw_models.hardware import SUM_BYTES


def run_dense(survey: Survey) -> Totals:
    """What one repetition of a product without a mask comes to."""
    walk = (BankedWalk if survey.banked else Walk)(survey)
    cycles, busy_cycles = walk.run()
    product, array = survey.product, survey.hardware.array
    m, k, n = product.m, product.k, product.n
    m_slabs, k_slabs, n_slabs = survey.m.count, survey.k.count, survey.n.count
    folds = survey.folds(survey.m.slab)[0] * (m_slabs - 1) + survey.folds(survey.m.last)[0]
    tiles_k, tiles_n = -(-k // array.rows), -(-n // array.cols)
    loaded = k if array.ragged == "exact" else tiles_k * array.rows
    passes, reads, stays, moves, sums = {
        "weight_stationary": (tiles_k * tiles_n, tiles_n, loaded * tiles_n, m * tiles_k * tiles_n, tiles_k),
        "output_stationary": (k_slabs * tiles_n, tiles_n, 0, folds * k * tiles_n, k_slabs),
        "input_stationary": (tiles_k * n_slabs, n_slabs, loaded * n_slabs, folds * tiles_k * n, tiles_k),
    }[array.dataflow]
    fetched_a, fetched_w = _fetched(survey)
    selectors_read = folds * sum(
        k_times * n_times * selector_bytes(survey, k_size, n_size)
        for k_size, k_times in survey.k.sizes()
        for n_size, n_times in survey.n.sizes()
    )
    return Totals(
        cycles, busy_cycles, passes * folds, 0, k * n, k * n * folds, m * product.full_k * reads, stays * folds, moves,
        m * n * sums, n, product.full_k, 0, selectors_read, fetched_a, fetched_w, *walk.traffic(fetched_a + fetched_w),
    )  # fmt: skip


def _fetched(survey: Survey) -> tuple[int, int]:
    """Bytes of (activations, weights) that come from DRAM, whole runs of equal slabs at a time."""
    if survey.hardware.dram is None:
        return 0, 0
    product = survey.product
    a = product.m * product.full_k * product.activation_bytes * (1 if survey.activations_stay else survey.n.count)
    w = sum(
        k_times * n_times * weight_slab_bytes(survey, k, n, bias=False)
        for k, k_times in survey.k.sizes()
        for n, n_times in survey.n.sizes()
    )
    bias = product.n * SUM_BYTES if product.bias else 0
    return a, (w + bias) * (1 if survey.weights_stay else survey.m.count)
