"""One slab of a dense product: its passes as groups of equal ones, its bytes."""

from __future__ import annotations

from hw_models.engine.fast.survey import Survey
from hw_models.hardware import SUM_BYTES

Group = tuple[int, int, int, int]  # count, load, rows of the stream, search: see recurrence


def dense_groups(survey: Survey, last_k: bool, last_n: bool) -> list[Group]:
    """The passes of a slab for one fold over its tokens."""
    array = survey.hardware.array
    k = survey.k.last if last_k else survey.k.slab
    n = survey.n.last if last_n else survey.n.slab
    tiles_k, tiles_n = -(-k // array.rows), -(-n // array.cols)
    if array.dataflow == "output_stationary":
        return [(tiles_n, 0, k * survey.stream_row, 0)]
    whole = array.rows * survey.load_row
    short = (k - (tiles_k - 1) * array.rows) * survey.load_row if array.ragged == "exact" else whole
    if array.dataflow == "input_stationary":
        rows = n * survey.stream_row
        return _column(tiles_k, whole, short, rows)
    if short == whole:
        return [(tiles_k * tiles_n, whole, survey.stream_row, 0)]
    return _column(tiles_k, whole, short, survey.stream_row) * tiles_n


def _column(tiles: int, whole: int, short: int, rows: int) -> list[Group]:
    """Tiles along the reduction, of which the last may load fewer rows."""
    if short == whole:
        return [(tiles, whole, rows, 0)]
    return [(tiles - 1, whole, rows, 0), (1, short, rows, 0)][tiles == 1 :]


def weight_slab_bytes(survey: Survey, k: int, n: int, bias: bool) -> int:
    """A dense slab, its N:M selectors and its bias."""
    bias_bytes = n * SUM_BYTES if bias and survey.product.bias else 0
    return k * n * survey.product.weight_bytes + selector_bytes(survey, k, n) + bias_bytes


def selector_bytes(survey: Survey, k: int, n: int) -> int:
    """That say which of its m neighbours a stored weight is."""
    stored, of = survey.product.kept
    return -(-k * n * (of - 1).bit_length() // 8) if stored < of else 0
