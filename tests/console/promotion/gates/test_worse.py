"""The bad end of the interval: against closed forms, and how often it lets a worse version pass."""

import numpy as np
import pandas as pd
import pytest

from backend.versions.features import Feature
from backend.versions.signature import Signature
from console.comparison.answers import Answers
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


def test_the_same_answers_are_no_worse_at_all() -> None:
    found = worse(right_and_wrong([True, False] * 40, [True, False] * 40), "accuracy", Tolerance(0))
    assert (found.high, found.limit, found.enough) == (0, 0, None)


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
