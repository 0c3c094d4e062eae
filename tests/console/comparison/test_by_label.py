"""Metrics of labels as sums over rows: exact beside scikit-learn's, and not too sure."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from backend.versions.features import Feature
from backend.versions.signature import Signature
from console.comparison.answers import Answers
from console.comparison.by_label import ByLabel, by_label
from console.comparison.matched import score_ends

FEATURES = (Feature("x", "number"),)
TWO = Signature(FEATURES, "y", "binary", ("no", "yes"), "yes")
THREE = Signature(FEATURES, "y", "multiclass", ("a", "b", "c"))
SKLEARN: dict[str, Any] = {
    "accuracy": sk.accuracy_score,
    "balanced_accuracy": sk.balanced_accuracy_score,
    "f1": sk.f1_score,
    "macro_f1": lambda truth, chosen: sk.f1_score(truth, chosen, average="macro"),
    "precision": sk.precision_score,
    "recall": sk.recall_score,
}


def compared(metric: str, truth: Any, was: Any, now: Any, signature: Signature = TWO) -> ByLabel:
    names = signature.labels
    shares = np.zeros((len(truth), len(names)))
    a, b = (Answers(each, shares, np.zeros(0), names) for each in (was, now))
    labels = pd.Series(np.array(names, dtype=object)[truth])
    found = by_label(metric, signature, labels, a, b)
    assert found is not None
    return found


def drawn(
    random: np.random.Generator, n: int, k: int, worse: float, positive: float = 0.5
) -> tuple[Any, Any, Any]:
    """Labels, answers that are right in 95 %, and the same with `worse` of those right lost."""
    rest = [(1 - positive) / (k - 1)] * (k - 1)
    truth = random.choice(k, n, p=[*rest, positive])
    was = np.where(random.random(n) < 0.05, (truth + random.integers(1, k, n)) % k, truth)
    lost = (was == truth) & (random.random(n) < worse)
    return truth, was, np.where(lost, (truth + random.integers(1, k, n)) % k, was)


@pytest.mark.parametrize("metric", ["accuracy", "balanced_accuracy", "f1", "precision", "recall"])
def test_of_two_labels_the_sum_is_the_difference_of_scikit_learns(metric: str) -> None:
    truth, was, now = drawn(np.random.default_rng(1), 200, 2, 0.1)
    expected = SKLEARN[metric](truth, was) - SKLEARN[metric](truth, now)
    assert compared(metric, truth, was, now).point == pytest.approx(expected)


@pytest.mark.parametrize("metric", ["accuracy", "balanced_accuracy", "macro_f1"])
def test_of_three_labels_too(metric: str) -> None:
    random = np.random.default_rng(2)
    truth = random.integers(0, 3, 150)
    was, now = (np.where(random.random(150) < 0.4, random.integers(0, 3, 150), truth) for _ in "ab")
    expected = SKLEARN[metric](truth, was) - SKLEARN[metric](truth, now)
    assert compared(metric, truth, was, now, THREE).point == pytest.approx(expected)


def test_recall_has_the_interval_of_the_rows_that_are_true() -> None:
    truth, was = np.repeat([1, 0], [60, 90]), np.repeat([1, 0], [60, 90])
    now = was.copy()
    now[:4] = 0
    now[100:120] = 1  # a false alarm is nothing to recall
    assert compared("recall", truth, was, now).ends() == pytest.approx(score_ends(4, 0, 60))


def test_where_no_label_differs_every_metric_still_has_a_bad_end() -> None:
    truth = np.repeat([1, 0], [20, 20])
    for metric in ("accuracy", "balanced_accuracy", "f1", "precision", "recall"):
        found = compared(metric, truth, truth, truth)
        assert found.point == 0
        assert found.ends()[1] > 0.08
        assert not found.is_borne_out


def test_so_many_rows_as_are_named_bring_the_bad_end_to_the_limit() -> None:
    truth, was, now = drawn(np.random.default_rng(3), 300, 2, 0.01)
    found = compared("f1", truth, was, now)
    limit = found.point + 0.01
    rows = found.enough(limit, 10**7)
    assert rows is not None
    assert found.ends(rows / 300)[1] == pytest.approx(limit, abs=2e-4)
    assert found.enough(found.point, 10**7) is None


def test_a_metric_of_scores_is_none_of_labels() -> None:
    answers = Answers(np.zeros(2, dtype=np.int64), np.zeros((2, 2)), np.zeros(0), ("no", "yes"))
    assert by_label("roc_auc", TWO, pd.Series(["no", "yes"]), answers, answers) is None


@pytest.mark.parametrize("metric", ["balanced_accuracy", "f1", "precision", "recall"])
@pytest.mark.parametrize("n", [30, 100])
def test_a_worse_version_is_seldom_within_its_true_difference(metric: str, n: int) -> None:
    random = np.random.default_rng(4)
    large = drawn(random, 200_000, 2, 0.03, 0.3)
    true = compared(metric, *large).point
    trials = 150
    short = sum(
        compared(metric, *drawn(random, n, 2, 0.03, 0.3)).ends()[1] <= true for _ in range(trials)
    )
    assert short <= 10  # 2.5 % and three standard deviations; by resampling it is 20 to 60
