"""Do random masks have exactly as many live tiles as asked, and prefer none?"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hw_models import Gemm, HostOp, Program
from hw_models.random_masks import exactly, prunable, with_density
from hw_models.shapes import shape_program


@settings(deadline=None)  # the first draw may compile
@given(tiles=st.integers(1, 3000), share=st.floats(0, 1), seed=st.integers(0, 2**32))
def test_the_count_is_exact(tiles, share, seed):
    live = round(share * tiles)
    assert int(exactly([live], [tiles], np.random.default_rng(seed))[0].sum()) == live


def test_every_choice_is_equally_likely():
    """All 20 ways to choose 3 of 6, 20,000 draws: chi-squared of 19 degrees passes 43.8 once in a thousand."""
    rng, seen = np.random.default_rng(1), {}
    for _ in range(20_000):
        key = exactly([3], [6], rng)[0].tobytes()
        seen[key] = seen.get(key, 0) + 1
    assert len(seen) == 20
    assert sum((count - 1000) ** 2 / 1000 for count in seen.values()) < 43.8


@pytest.mark.parametrize("live", [1, 7, 93, 150, 199])
def test_every_tile_is_as_likely_between_matrices_of_other_sizes(live):
    """Live 4,000 times: chi-squared of 199 degrees passes 268.6 once in a thousand; live tiles sum to `live`."""
    rng, seen = np.random.default_rng(2), np.zeros(200)
    for _ in range(4_000):
        before, middle, after = exactly([3, live, 9], [5, 200, 10], rng)
        assert (before.sum(), middle.sum(), after.sum()) == (3, live, 9)
        seen += middle
    share = live / 200
    assert ((seen - 4000 * share) ** 2).sum() / (4000 * share * (1 - share)) * (199 / 200) < 268.6


@settings(deadline=None)
@given(density=st.floats(0, 1), seed=st.integers(0, 1000))
def test_each_prunable_matrix_gets_its_share_and_nothing_else_a_mask(density, seed):
    weight = Gemm("weight", 5, 33, 50)
    scores = Gemm("scores", 5, 33, 50, stationary_known=False)
    depthwise = Gemm("depthwise", 5, 9, 1, repeat=7)
    masked = with_density(Program((weight, scores, HostOp("h", "relu", 9), depthwise)), density, (8, 8), seed)
    assert [op.tiles is not None for op in masked.ops if isinstance(op, Gemm)] == [True, False, False]
    assert masked.ops[0].tiles.alive.sum() == int(density * 35 + 0.5)
    again = with_density(masked, density, (8, 8), seed)
    assert np.array_equal(again.ops[0].tiles.alive, masked.ops[0].tiles.alive)


def test_the_masks_of_llama():  # how long they take: python -m benchmarks
    masked = with_density(shape_program("llama-7b"), 0.7, (16, 16), 0)
    tiles = [op.tiles.alive for op in masked.ops if prunable(op)]
    assert sum(mask.size for mask in tiles) == 25_808_896
    assert all(mask.sum() == int(0.7 * mask.size + 0.5) for mask in tiles)


@pytest.mark.parametrize("density", [-0.1, 1.1, float("nan")])
def test_a_density_outside_the_range_is_refused(density):
    with pytest.raises(ValueError, match="not from 0 to 1"):
        with_density(shape_program("vit-base"), density, (16, 16), 0)
