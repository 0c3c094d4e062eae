"""The interval of a difference from its resamples: against Student's, and wider where skewed."""

import numpy as np
import pytest
from scipy import stats

from console.comparison import metrics
from console.comparison.spread import ends


def drawn(each: metrics.Floats, count: int = 4_000) -> metrics.Floats:
    parts = [metrics.mean(each, weights) for weights in metrics.resamples(len(each), 1, count)]
    return np.concatenate(parts)


def test_of_a_mean_it_is_students_interval() -> None:
    each = np.random.default_rng(1).normal(1, 2, 30)
    student = stats.t.interval(0.95, 29, each.mean(), stats.sem(each))
    low, high = ends(drawn(each), each.mean(), 30)
    assert (low, high) == pytest.approx(student, abs=0.06)


def test_it_is_wider_than_the_percentiles() -> None:
    each = np.random.default_rng(2).exponential(1, 30)
    found = drawn(each)
    low, high = ends(found, each.mean(), 30)
    assert low < np.quantile(found, 0.025)
    assert high > np.quantile(found, 0.975)


def test_what_is_mostly_undefined_has_none() -> None:
    found = np.full(1_000, np.nan)
    found[:500] = 1.0
    assert np.isnan(ends(found, 1.0, 50)).all()
    found[:501] = 1.0
    assert ends(found, 1.0, 50) == (1.0, 1.0)


def test_a_mean_is_missed_once_in_twenty_also_of_thirty_rows() -> None:
    random = np.random.default_rng(3)
    trials, missed = 300, 0
    for _ in range(trials):
        each = random.normal(0, 1, 30)
        low, high = ends(drawn(each, 500), each.mean(), 30)
        missed += not low <= 0 <= high
    assert missed <= 21  # 15 are expected; percentiles alone miss 7 %
