"""The weighted metrics against scikit-learn's, with and without ties."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sk

from console.comparison import metrics

RANDOM = np.random.default_rng(4)
N = 240
WEIGHTS = RANDOM.integers(0, 4, size=(5, N)).astype(float)
TRUTH = RANDOM.random(N) < 0.4
SCORES = np.clip(0.3 * TRUTH + RANDOM.random(N) * 0.7, 0.01, 0.99)
TIED = SCORES.round(1)
CODES = RANDOM.integers(0, 3, N)
SHARES = RANDOM.dirichlet([1, 1, 1], N)
VALUES = RANDOM.normal(50, 9, N)
FITTED = VALUES + RANDOM.normal(size=N)


def repeated(rows: Any, weights: Any) -> Any:
    """Each row as often as its whole weight says."""
    return np.repeat(rows, weights.astype(int))


def binned_error(scores: Any, events: Any) -> float:
    """The expected calibration error, bin by bin as its authors write it."""
    total = 0.0
    for place in range(10):
        inside = (scores >= place / 10) & (scores < (place + 1) / 10)
        if inside.any():
            total += inside.mean() * abs(events[inside].mean() - scores[inside].mean())
    return total


CASES: dict[str, tuple[Callable[[Any], Any], Callable[[Any], float]]] = {
    "roc_auc": (
        lambda w: metrics.roc_auc(TRUTH, SCORES, w),
        lambda w: sk.roc_auc_score(TRUTH, SCORES, sample_weight=w),
    ),
    "roc_auc with ties": (
        lambda w: metrics.roc_auc(TRUTH, TIED, w),
        lambda w: sk.roc_auc_score(TRUTH, TIED, sample_weight=w),
    ),
    "average_precision": (
        lambda w: metrics.average_precision(TRUTH, SCORES, w),
        lambda w: sk.average_precision_score(TRUTH, SCORES, sample_weight=w),
    ),
    "average_precision with ties": (
        lambda w: metrics.average_precision(TRUTH, TIED, w),
        lambda w: sk.average_precision_score(TRUTH, TIED, sample_weight=w),
    ),
    "f1": (
        lambda w: metrics.f1(TRUTH, SCORES > 0.5, w),
        lambda w: sk.f1_score(TRUTH, SCORES > 0.5, sample_weight=w),
    ),
    "macro_f1": (
        lambda w: metrics.macro_f1(CODES, SHARES.argmax(axis=1), 3, w),
        lambda w: sk.f1_score(CODES, SHARES.argmax(axis=1), average="macro", sample_weight=w),
    ),
    "log_loss": (
        lambda w: metrics.log_loss(SHARES[np.arange(N), CODES], w),
        lambda w: sk.log_loss(CODES, SHARES, sample_weight=w),
    ),
    "r2": (
        lambda w: metrics.r2(VALUES, FITTED, w),
        lambda w: sk.r2_score(VALUES, FITTED, sample_weight=w),
    ),
    "precision": (
        lambda w: metrics.precision(TRUTH, SCORES > 0.5, w),
        lambda w: sk.precision_score(TRUTH, SCORES > 0.5, sample_weight=w),
    ),
    "recall": (
        lambda w: metrics.recall(TRUTH, SCORES > 0.5, w),
        lambda w: sk.recall_score(TRUTH, SCORES > 0.5, sample_weight=w),
    ),
    "balanced_accuracy": (
        lambda w: metrics.balanced_accuracy(CODES, SHARES.argmax(axis=1), 3, w),
        lambda w: sk.balanced_accuracy_score(CODES, SHARES.argmax(axis=1), sample_weight=w),
    ),
    "brier": (
        lambda w: metrics.mean((SCORES - TRUTH) ** 2, w),
        lambda w: sk.brier_score_loss(TRUTH, SCORES, sample_weight=w),
    ),
    "median": (
        lambda w: metrics.median(np.abs(VALUES - FITTED), w),
        lambda w: sk.median_absolute_error(repeated(VALUES, w), repeated(FITTED, w)),
    ),
    "calibration_error": (
        lambda w: metrics.calibration_error(SCORES, TRUTH, w),
        lambda w: binned_error(repeated(SCORES, w), repeated(TRUTH, w)),
    ),
    "mean": (
        lambda w: metrics.mean(np.abs(VALUES - FITTED), w),
        lambda w: sk.mean_absolute_error(VALUES, FITTED, sample_weight=w),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_weighted_metric_equals_scikit_learns_for_each_resample(name: str) -> None:
    ours, theirs = CASES[name]
    expected = [theirs(row) for row in WEIGHTS]
    np.testing.assert_allclose(ours(WEIGHTS), expected, rtol=1e-9)


def test_the_roc_auc_of_several_labels_is_the_mean_of_each_against_the_rest() -> None:
    expected = sk.roc_auc_score(CODES, SHARES, multi_class="ovr")
    assert metrics.roc_auc_ovr(CODES, SHARES, np.ones((1, N)))[0] == pytest.approx(expected)


def test_a_roc_auc_without_both_classes_is_undefined_and_no_error() -> None:
    weights = np.vstack([TRUTH.astype(float), np.ones(N)])
    found = metrics.roc_auc(TRUTH, SCORES, weights)
    assert np.isnan(found[0])
    assert found[1] > 0.5


def test_balanced_accuracy_is_over_the_labels_that_occur() -> None:
    found = metrics.balanced_accuracy(np.array([0, 0, 1]), np.array([0, 2, 1]), 3, np.ones((1, 3)))
    assert found[0] == 0.75


def test_where_nothing_is_chosen_precision_is_undefined_and_no_error() -> None:
    nothing = np.zeros(N, dtype=bool)
    assert np.isnan(metrics.precision(TRUTH, nothing, np.ones((1, N)))[0])
    assert metrics.recall(TRUTH, nothing, np.ones((1, N)))[0] == 0.0


def test_the_median_of_an_even_number_of_rows_lies_between_the_two_in_the_middle() -> None:
    rows = np.array([4.0, 1.0, 10.0, 2.0])
    found = metrics.median(rows, np.array([[1.0, 1.0, 1.0, 1.0], [0.0, 2.0, 1.0, 0.0]]))
    assert found.tolist() == [3.0, 1.0]


def test_resamples_draw_each_row_once_on_average_and_as_many_as_there_are() -> None:
    drawn = np.concatenate(list(metrics.resamples(50, seed=3)))
    assert drawn.shape == (metrics.RESAMPLES, 50)
    assert set(drawn.sum(axis=1)) == {50.0}
    assert drawn.mean(axis=0) == pytest.approx(np.ones(50), abs=0.15)
    assert drawn.var() == pytest.approx(1 - 1 / 50, rel=0.02)  # binomial of n draws at 1/n
