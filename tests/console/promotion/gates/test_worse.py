"""The bad end of the interval: against closed forms, and how often it lets a worse version pass."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from backend.versions.features import Feature
from backend.versions.signature import Signature
from console.comparison.answers import Answers
from console.drift.decisions.intervals import Z
from console.promotion.gates.case import Judged
from console.promotion.gates.rules import Tolerance
from console.promotion.gates.worse import worse

SIGNATURE = Signature((Feature("x", "number"),), "y", "regression")
BINARY = Signature((Feature("x", "number"),), "y", "binary", ("no", "yes"), "yes")


def regressions(truth: np.ndarray, ours: np.ndarray, theirs: np.ndarray) -> Judged:
    none = np.zeros(0)
    both = tuple(Answers(none, none, values, ()) for values in (ours, theirs))
    return Judged(pd.DataFrame({"__truth__": truth}), SIGNATURE, both)


def right_and_wrong(ours: list[bool], theirs: list[bool]) -> Judged:
    """Rows that are all `yes`, which each of two versions has right or not."""
    both = tuple(
        Answers(
            np.array(right, dtype=np.int64),
            np.eye(2)[[*map(int, right)]],
            np.zeros(0),
            ("no", "yes"),
        )
        for right in (ours, theirs)
    )
    return Judged(pd.DataFrame({"__truth__": ["yes"] * len(ours)}), BINARY, both)


def test_the_bad_end_of_a_mean_is_that_of_the_paired_difference() -> None:
    random = np.random.default_rng(5)
    truth = random.normal(0, 1, 2_000)
    ours, theirs = truth + random.normal(0, 1.1, 2_000), truth + random.normal(0, 1, 2_000)
    found = worse(regressions(truth, ours, theirs), "mae", Tolerance(0.2))
    each = np.abs(ours - truth) - np.abs(theirs - truth)
    assert found.point == pytest.approx(each.mean())
    assert found.high == pytest.approx(each.mean() + 1.96 * each.std() / np.sqrt(2_000), abs=0.004)
    assert (found.n, found.limit) == (2_000, 0.2)


def test_a_version_worse_by_exactly_the_tolerance_passes_once_in_forty() -> None:
    random = np.random.default_rng(6)
    passed, trials, n = 0, 200, 200
    for _ in range(trials):
        # Errors are positive, so the mean absolute errors differ by the mean of what is added.
        theirs = random.uniform(1, 2, n)
        ours = theirs + random.uniform(-0.7, 0.9, n)
        found = worse(regressions(np.zeros(n), ours, theirs), "mae", Tolerance(0.1))
        passed += found.high <= found.limit
    # 5 are expected; 0, and more than 13, have a probability under 1 in 100.
    assert 1 <= passed <= 13


def test_the_same_labels_in_few_rows_are_not_enough_to_tell() -> None:
    alike = right_and_wrong([True, False] * 40, [True, False] * 40)
    found = worse(alike, "accuracy", Tolerance(0))
    assert found.high == pytest.approx(Z**2 / (80 + Z**2))  # where no row differs
    assert (found.limit, found.enough) == (0, None)
    assert "no number of rows like these would be: a tolerance that close" in (
        found.sentence("Accuracy")
    )
    found = worse(alike, "accuracy", Tolerance(0.02))
    assert found.high > 0.02
    assert found.enough == pytest.approx(Z**2 * 0.98 / 0.02, rel=0.01)  # z² / (n + z²) = 0.02


@pytest.mark.parametrize(("n", "tolerance"), [(30, 0.02), (50, 0.02), (100, 0.02), (143, 0.02)])
def test_rows_lost_and_none_gained_pass_once_in_forty_at_most(n: int, tolerance: float) -> None:
    # Enumerated: so many rows lost are let pass, and that is how probable they are.
    theirs = [True] * n
    lost = 0
    while (
        worse(
            right_and_wrong([False] * lost + [True] * (n - lost), theirs),
            "accuracy",
            Tolerance(tolerance),
        ).high
        <= tolerance
    ):
        lost += 1
    assert stats.binom.cdf(lost - 1, n, tolerance) <= 0.026
    found = worse(right_and_wrong(theirs, theirs), "accuracy", Tolerance(tolerance))
    assert "There are not enough rows to tell: about " in found.sentence("Accuracy")


def test_with_enough_rows_that_are_as_good_it_passes() -> None:
    found = worse(right_and_wrong([True] * 200, [True] * 200), "accuracy", Tolerance(0.02))
    assert found.high <= 0.02
    assert not found.is_better
    assert found.sentence("Accuracy").endswith("is tolerated.")


def scored(truth: np.ndarray, ours: np.ndarray, theirs: np.ndarray) -> Judged:
    both = tuple(
        Answers(
            (score > 0.5).astype(np.int64),
            np.column_stack([1 - score, score]),
            np.zeros(0),
            ("no", "yes"),
        )
        for score in (ours, theirs)
    )
    labels = np.where(truth, "yes", "no").astype(object)
    return Judged(pd.DataFrame({"__truth__": labels}), BINARY, both)


def test_scores_that_differ_in_a_handful_of_rows_tell_nothing() -> None:
    truth = np.arange(120) % 2 == 0
    hard = truth.astype(float)
    for differ, rows in ((0, "none differs"), (1, "only 1 differs"), (5, "only 5 differ")):
        ours = hard.copy()
        ours[:differ] = 1 - ours[:differ]
        found = worse(scored(truth, ours, hard), "brier", Tolerance(0.2))
        assert np.isnan(found.high)
        assert rows in found.sentence("Brier score")
        assert "there are not enough rows to tell" in found.sentence("Brier score")
    ours[:6] = 1 - hard[:6]
    assert worse(scored(truth, ours, hard), "brier", Tolerance(0.2)).high < 0.2


def test_the_same_scores_of_many_values_are_the_same_version() -> None:
    truth = np.arange(120) % 3 == 0
    scores = np.linspace(0.05, 0.95, 120)
    found = worse(scored(truth, scores, scores), "roc_auc", Tolerance(0))
    assert found.high == 0


def test_a_loss_of_few_rows_is_not_told_whatever_they_say() -> None:
    random = np.random.default_rng(1)
    truth = random.random(200) < 0.5
    ours, theirs = random.random(200), random.random(200)
    few = worse(scored(truth[:199], ours[:199], theirs[:199]), "log_loss", Tolerance(9))
    assert np.isnan(few.high)
    assert few.sentence("Log loss").endswith("fewer than 200 seldom hold them.")
    assert worse(scored(truth, ours, theirs), "log_loss", Tolerance(9)).high < 9


def test_a_roc_auc_of_few_rows_is_no_surer_than_its_spread() -> None:
    # Scores so sharp that most samples of 30 hold no mistake: percentiles alone let 6 to 8 % pass.
    random = np.random.default_rng(2)

    def sample(n: int) -> Judged:
        x = random.normal(0, 3, n)
        truth = random.random(n) < 1 / (1 + np.exp(-x))
        noisy = 1.15 * x + random.normal(0, 0.7, n)
        return scored(truth, 1 / (1 + np.exp(-noisy)), 1 / (1 + np.exp(-x)))

    large = sample(200_000)
    tolerance = large.figure("roc_auc", 1) - large.figure("roc_auc", 0)
    trials = 150
    found = [worse(sample(30), "roc_auc", Tolerance(tolerance), i) for i in range(trials)]
    passed = sum(one.high <= one.limit for one in found)
    assert passed <= 0.04 * trials + 4  # 3 % and two standard deviations; 8 % would be 12


def test_a_worse_calibration_is_seldom_hidden_by_what_chance_adds_to_the_champions() -> None:
    # Of 300 rows: without room for chance a quarter of the samples pass.
    random = np.random.default_rng(4)

    def sample(n: int) -> Judged:
        x = random.normal(0, 1.2, n)
        truth = random.random(n) < 1 / (1 + np.exp(-x))
        noisy = 1.15 * x + random.normal(0, 0.7, n)
        return scored(truth, 1 / (1 + np.exp(-noisy)), 1 / (1 + np.exp(-x)))

    large = sample(400_000)
    limit = large.figure("calibration_error", 0) - large.figure("calibration_error", 1)
    found = [worse(sample(300), "calibration_error", Tolerance(limit), i) for i in range(60)]
    assert sum(one.high <= limit for one in found) <= 5


def test_better_in_a_few_rows_is_not_called_better() -> None:
    # By the exact test chance would do as much (p = 0.07), and Compare says unclear.
    ours, theirs = [True] * 99 + [False], [False] * 7 + [True] * 93
    found = worse(right_and_wrong(ours, theirs), "accuracy", Tolerance(0))
    assert found.high < 0
    assert not found.is_better
    assert not found.sentence("Accuracy").endswith("It is better.")


def test_so_many_rows_as_are_named_would_be_enough() -> None:
    ours, theirs = [True] * 85 + [False] * 15, [False] * 15 + [True] * 85
    few = worse(right_and_wrong(ours, theirs), "accuracy", Tolerance(0.03))
    assert few.high > few.limit
    assert few.enough is not None
    times = few.enough // 100
    many = worse(right_and_wrong(ours * times, theirs * times), "accuracy", Tolerance(0.03))
    assert many.high == pytest.approx(0.03, abs=0.004)


def test_no_number_of_rows_is_enough_for_a_version_that_is_worse() -> None:
    found = worse(right_and_wrong([False] * 50, [True] * 50), "accuracy", Tolerance(0.1))
    assert (found.point, found.high, found.enough) == (1, 1, None)
    assert found.sentence("Accuracy").endswith("The figure itself is beyond that.")


def test_a_better_version_passes_however_small_the_tolerance() -> None:
    found = worse(
        right_and_wrong([True] * 50, [True] * 25 + [False] * 25), "accuracy", Tolerance(0)
    )
    assert found.high < 0
    assert found.sentence("Accuracy").endswith("is tolerated. It is better.")


def test_a_metric_without_a_value_has_no_bad_end() -> None:
    found = worse(right_and_wrong([True] * 50, [True] * 50), "roc_auc", Tolerance(0.1))
    assert np.isnan(found.high)
    assert found.sentence("ROC AUC") == (
        "ROC AUC is not defined often enough on 50 rows to say how far it lies from the champion's."
        " More rows are needed."
    )
