"""Does jumping over what repeats give what walking gives, whatever the beat of memory and array?"""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from hw_models.engine.fast import dense_walk
from hw_models.engine.fast.dense_walk import Walk
from hw_models.engine.fast.survey import Survey
from hw_models.program import Gemm
from hw_models.sparsity import product_of
from hw_models.testing import machines


class Counted(Walk):
    """Counts the steps it walks."""

    steps = 0

    def _step(self, first: int, m: int, k: int, n: int) -> None:
        self.steps += 1
        super()._step(first, m, k, n)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(st.data())
def test_a_jump_lands_where_a_walk_would(data):
    hardware = data.draw(machines(banks=False))
    assume(hardware.dram)
    size = st.integers(1, 250)
    gemm = Gemm("product", data.draw(size), data.draw(size), data.draw(size), bias=data.draw(st.booleans()))
    try:
        survey = Survey.of(product_of(gemm, hardware), hardware)
    except ValueError:
        assume(False)
    jumped = Walk(survey).run()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dense_walk, "LOOK_AHEAD", 1 << 60)
        assert Walk(survey).run() == jumped


def test_cost_grows_with_the_kinds_of_steps_and_not_with_their_number():
    from hw_models import Hardware

    hardware = Hardware.load("edge16")
    walked = []
    for side in (4096, 32768):
        walk = Counted(Survey.of(product_of(Gemm("product", 512, side, side), hardware), hardware))
        walk.run()
        walked.append(walk.steps)
    assert walked[1] < 4 * walked[0]
