"""Equal operations are written once; nothing is lost or made up."""

from codesign.lowering.fold import MANY_SHAPES, fold
from codesign.lowering.records import Operation, Product, WeightView
from hw_models.program import Gemm, HostOp


def scores(layer: int, keys: int) -> Product:
    return Product(Gemm(f"layers.{layer}.scores", 1, 64, keys, repeat=6, stationary_known=False))


def weighted(layer: int, m: int) -> Product:
    view = WeightView(f"layers.{layer}.w", (4, 4), (0, 4), (0, 4))
    return Product(Gemm(f"layers.{layer}", m, 4, 4), view)


def summary(operations: tuple[Operation, ...]) -> list[tuple[str, int, int]]:
    """(name, size that differs, repeat)."""
    return [
        (op.name, op.elements, op.repeat) if isinstance(op, HostOp) else (op.gemm.name, op.gemm.n, op.gemm.repeat)
        for op in operations
    ]


def test_steps_of_one_shape_are_added_up_where_they_first_stand():
    relu = HostOp("relu", "relu", 8)
    assert summary(fold([weighted(0, 1), relu, weighted(0, 1), relu])) == [("layers.0", 4, 2), ("relu", 8, 2)]


def test_shapes_weights_and_biases_keep_operations_apart():
    biased = Product(Gemm("layers.0", 1, 4, 4, bias=True), weighted(0, 1).weight)
    elsewhere = Product(Gemm("layers.0", 1, 4, 4), WeightView("layers.0.w", (8, 4), (4, 8), (0, 4)))
    assert len(fold([weighted(0, 1), weighted(0, 2), biased, elsewhere])) == 4


def test_a_series_that_grows_is_added_up_over_layers():
    """3 layers, one step more than makes a series: one entry a step, of 3 layers' 6 heads."""
    steps = [scores(layer, keys) for keys in range(1, MANY_SHAPES + 2) for layer in range(3)]
    assert summary(fold(steps)) == [("layers.*.scores", keys, 18) for keys in range(1, MANY_SHAPES + 2)]


def test_a_few_shapes_keep_their_layers():
    steps = [scores(layer, keys) for keys in range(1, MANY_SHAPES + 1) for layer in range(3)]
    assert len(fold(steps)) == 3 * MANY_SHAPES


def test_weights_are_never_added_up_over_layers():
    steps = [weighted(layer, m) for m in range(1, MANY_SHAPES + 2) for layer in range(2)]
    assert len(fold(steps)) == 2 * (MANY_SHAPES + 1)
