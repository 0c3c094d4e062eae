"""Latency quantiles from histograms, held against numpy's."""

import numpy as np
import pytest

from console.drift.statistics import Floats
from console.summaries import latency

SHARES = [0.0, 0.05, 0.5, 0.9, 0.95, 0.99, 1.0]


def histogram(values: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> Floats:
    found: Floats = latency.histograms(values, np.zeros(len(values), dtype=np.int64), 1)[0]
    return found


@pytest.mark.parametrize("spread", [0.01, 1.0, 2.0])
def test_quantiles_are_within_the_accuracy_of_a_value_of_that_rank(spread: float) -> None:
    values = np.exp(np.random.default_rng(1).normal(1.0, spread, 10_007))
    exact = np.quantile(values, SHARES, method="lower")
    found = latency.quantiles(histogram(values), SHARES)
    assert np.abs(found / exact - 1).max() <= latency.ACCURACY * (1 + 1e-9)


def test_histograms_of_parts_add_up_to_the_whole_exactly() -> None:
    values = np.random.default_rng(2).lognormal(0, 2, 5_000)
    groups = np.arange(5_000) % 7
    parts = latency.histograms(values, groups, 7)
    assert parts.shape == (7, latency.BUCKETS)
    assert (parts.sum(axis=0) == histogram(values)).all()
    assert parts.sum() == 5_000


def test_what_is_outside_the_range_counts_as_its_ends_and_what_is_no_number_not_at_all() -> None:
    values = np.array([0.0, 1e-9, np.nan, np.inf, 1e12])
    found = latency.quantiles(histogram(values), [0.0, 1.0])
    assert histogram(values).sum() == 3
    assert found == pytest.approx([latency.LEAST_MS, latency.MOST_MS], rel=0.05)


def test_no_values_have_no_quantiles() -> None:
    assert np.isnan(latency.quantiles(np.zeros(latency.BUCKETS), [0.5, 0.95])).all()
