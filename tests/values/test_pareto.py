"""Fronts and hypervolumes worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from codesign.rows.objective import objectives
from codesign.rows.pareto import front, hypervolume, hypervolume_history, losses


def test_a_front_worked_by_hand() -> None:
    #                     beaten by 2   best in x  beats 0    equal to 2  no result
    points = np.array([[2.0, 2.0], [0.0, 3.0], [1.0, 1.0], [1.0, 1.0], [np.nan, 0.0]])
    assert front(points).tolist() == [False, True, True, True, False]


def test_the_hypervolume_of_two_steps_is_the_area_of_their_union() -> None:
    points, reference = np.array([[1.0, 2.0], [2.0, 1.0]]), np.array([3.0, 3.0])
    assert hypervolume(points, reference) == pytest.approx(2 * 1 + 1 * 2 - 1 * 1)
    assert hypervolume_history(points, reference).tolist() == pytest.approx([2.0, 3.0])
    assert hypervolume(points[:0], reference) == 0.0


@given(arrays(float, st.tuples(st.integers(1, 30), st.just(2)), elements=st.integers(0, 8).map(float)))
def test_the_front_is_what_the_definition_says(points: np.ndarray) -> None:
    for place, on_front in enumerate(front(points)):
        beaten = ((points <= points[place]).all(1) & (points < points[place]).any(1)).any()
        assert on_front == (not beaten)


def test_each_objective_knows_which_way_is_better(made_rows: list) -> None:
    from codesign.rows.frame import frame

    rows = frame(made_rows)
    table = losses(rows, [objectives()["speedup"], objectives()["quality"], objectives()["energy_uj"]])
    assert (table[:, 0] == -rows["speedup"]).all()
    assert (table[:, 1] == rows["quality"]).all(), "word error rate: less is better"
    assert (table[:, 2] == rows["energy_uj"]).all()
    assert (objectives()["quality"].losses(rows.assign(quality_goal="max")) == -rows["quality"]).all()
