"""codesign/quality/bootstrap.py: against the normal approximation, and by cases that leave no choice."""

import numpy as np
import pytest

from codesign.quality.bootstrap import ratio_interval


def test_share_has_the_interval_of_the_normal_approximation():
    right = np.arange(400) < 300
    low, high = ratio_interval(right, np.ones(400))
    width = 1.96 * np.sqrt(0.75 * 0.25 / 400)
    assert low == pytest.approx(0.75 - width, abs=0.006)
    assert high == pytest.approx(0.75 + width, abs=0.006)


def test_samples_that_agree_leave_no_doubt():
    assert ratio_interval([2, 4, 6], [4, 8, 12]) == (0.5, 0.5)


def test_numerator_and_denominator_are_drawn_together():
    """One long utterance with every error: drawn apart, ratios above 1 would come up."""
    low, high = ratio_interval([0, 0, 0, 100], [1, 1, 1, 100])
    assert low == 0.0
    assert high <= 1.0


def test_transform_comes_before_the_quantiles():
    plain = ratio_interval([1.0, 2.0, 3.0], [1, 1, 1])
    assert ratio_interval([1.0, 2.0, 3.0], [1, 1, 1], np.exp) == pytest.approx(np.exp(plain), rel=1e-12)


def test_same_seed_same_interval_and_another_seed_another():
    samples = np.random.default_rng(1).random(50)
    assert ratio_interval(samples, np.ones(50)) == ratio_interval(samples, np.ones(50))
    assert ratio_interval(samples, np.ones(50)) != ratio_interval(samples, np.ones(50), seed=1)


def test_many_samples_are_drawn_in_chunks():
    low, high = ratio_interval(np.arange(20_000) % 2, np.ones(20_000))
    assert 0.49 < low < 0.5 < high < 0.51
