"""A product on a machine in whole numbers only: what plain and compiled code both read."""

from __future__ import annotations

from typing import NamedTuple

from hw_models.engine.fast.survey import Survey
from hw_models.hardware import SUM_BYTES


class Shape(NamedTuple):
    """Flags are 0 or 1, `cycles` those of one row."""

    rows: int
    cols: int
    stages: int
    m: int
    m_slab: int
    k: int
    k_slab: int
    n: int
    n_slab: int
    full_k: int
    granule_k: int
    granule_n: int
    output_stationary: int
    input_stationary: int
    packed: int
    bitmap: int
    m_outer: int
    activations_stay: int
    weights_stay: int
    exact: int
    load_row_cycles: int
    stream_row_cycles: int
    scan_bits: int
    activation_bytes: int
    weight_bytes: int
    bias_bytes: int
    dram: int


def shape_of(survey: Survey) -> Shape:
    """The whole numbers of a survey."""
    product, array = survey.product, survey.hardware.array
    return Shape(
        rows=array.rows,
        cols=array.cols,
        stages=array.pe_stages,
        m=product.m,
        m_slab=survey.m.slab,
        k=product.k,
        k_slab=survey.k.slab,
        n=product.n,
        n_slab=survey.n.slab,
        full_k=product.full_k,
        granule_k=product.granule[0],
        granule_n=product.granule[1],
        output_stationary=int(array.dataflow == "output_stationary"),
        input_stationary=int(array.dataflow == "input_stationary"),
        packed=int(product.packed),
        bitmap=int(product.bitmap),
        m_outer=int(survey.mapping.order == "m_outer"),
        activations_stay=int(survey.activations_stay),
        weights_stay=int(survey.weights_stay),
        exact=int(array.ragged == "exact"),
        load_row_cycles=survey.load_row,
        stream_row_cycles=survey.stream_row,
        scan_bits=survey.hardware.sparsity.scan_bits,
        activation_bytes=product.activation_bytes,
        weight_bytes=product.weight_bytes,
        bias_bytes=SUM_BYTES if product.bias else 0,
        dram=int(survey.hardware.dram is not None),
    )
