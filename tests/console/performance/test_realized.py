"""Realized performance: the figures, their intervals, and what is said where there is none."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from backend.versions.signature import Signature
from console.performance.realized import auc_interval, figures, losses, realized
from console.performance.results import Figure

BINARY = Signature((), "target", "binary", ("no", "yes"), "yes")
SEVERAL = Signature((), "target", "multiclass", (1, 2, 3))
NUMBER = Signature((), "target", "regression")


def named(found: tuple[Figure, ...]) -> dict[str, Figure]:
    """Figures by the names of their metrics."""
    return {figure.metric.name: figure for figure in found}


def binary(n: int, seed: int = 0) -> pd.DataFrame:
    """Rows whose truth follows their score."""
    random = np.random.default_rng(seed)
    scores = random.uniform(0.02, 0.98, n)
    truth = np.where(random.uniform(size=n) < scores, "yes", "no")
    label = np.where(scores > 0.5, "yes", "no")
    return pd.DataFrame({"__truth__": truth, "__label__": label, "__score__": scores})


def regression(errors: Any) -> pd.DataFrame:
    """Rows answered with these errors, their truth as the log writes it."""
    truth = 10 + np.sin(np.arange(len(errors)))
    texts = [repr(float(value)) for value in truth]
    return pd.DataFrame({"__truth__": texts, "__value__": truth + np.asarray(errors)})


def test_the_figures_of_a_binary_task_are_those_of_scikit_learn() -> None:
    rows = binary(500)
    truth, label = rows["__truth__"] == "yes", rows["__label__"] == "yes"
    found = named(figures("binary", BINARY, rows))
    expected = {
        "accuracy": sk.accuracy_score(truth, label),
        "precision": sk.precision_score(truth, label),
        "recall": sk.recall_score(truth, label),
        "f1": sk.f1_score(truth, label),
        "roc_auc": sk.roc_auc_score(truth, rows["__score__"]),
        "log_loss": sk.log_loss(truth, rows["__score__"]),
    }
    assert {name: figure.value for name, figure in found.items()} == pytest.approx(expected)
    for figure in found.values():
        assert figure.status == "ok"
        assert figure.low is not None
        assert figure.high is not None
        assert figure.value is not None
        assert figure.low < figure.value < figure.high
    assert (found["accuracy"].n, found["precision"].n) == (500, int(label.sum()))


def test_the_figures_of_several_labels_and_of_a_number_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(1)
    truth = random.integers(1, 4, 200)
    label = np.where(random.uniform(size=200) < 0.8, truth, 1 + truth % 3)
    rows = pd.DataFrame({"__truth__": truth.astype(str), "__label__": label})
    found = named(figures("multiclass", SEVERAL, rows))
    assert found["accuracy"].value == pytest.approx((truth == label).mean())
    assert found["macro_f1"].value == pytest.approx(sk.f1_score(truth, label, average="macro"))
    rows = regression(random.normal(2, 3, 200))
    values, truths = rows["__value__"], rows["__truth__"].astype(float)
    found = named(figures("regression", NUMBER, rows))
    assert found["mae"].value == pytest.approx(sk.mean_absolute_error(truths, values))
    assert found["rmse"].value == pytest.approx(sk.root_mean_squared_error(truths, values))
    assert found["bias"].value == pytest.approx((values - truths).mean())


def test_a_bootstrapped_interval_is_that_of_the_normal_mean() -> None:
    errors = np.random.default_rng(2).normal(1, 2, 2_000)
    found = named(figures("regression", NUMBER, regression(errors)))["bias"]
    half = 1.96 * errors.std(ddof=1) / np.sqrt(2_000)
    assert (found.low, found.high) == pytest.approx(
        (errors.mean() - half, errors.mean() + half), abs=0.1 * half
    )
    again = named(figures("regression", NUMBER, regression(errors)))["bias"]
    assert (found.low, found.high) == (again.low, again.high)


@pytest.mark.parametrize(("name", "truth"), [("f1", 0.75), ("roc_auc", 5 / 6), ("log_loss", 0.5)])
def test_intervals_hold_the_figure_of_all_rows_19_times_in_20(name: str, truth: float) -> None:
    # Scores uniform in [0, 1] that are right about themselves: F1 = 2 (3/8) / (1/2 + 1/2), the
    # ROC AUC is the integral over x of 2x times x (2 - x), the log loss that of -2x ln x.
    covered = 0
    for seed in range(200):
        random = np.random.default_rng(seed)
        scores = random.uniform(size=120)
        labels = np.where(random.uniform(size=120) < scores, "yes", "no")
        answers = np.where(scores > 0.5, "yes", "no")
        rows = pd.DataFrame({"__truth__": labels, "__label__": answers, "__score__": scores})
        found = named(figures("binary", BINARY, rows, 200))[name]
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= truth <= found.high
    assert 180 <= covered <= 199


def test_the_interval_of_a_perfect_roc_auc_is_no_point() -> None:
    low, high = auc_interval(1.0, 10, 20)
    assert high == 1.0
    assert 0.8 < low < 0.95
    assert auc_interval(0.0, 10, 20) == pytest.approx((0.0, 1 - low))
    wider, _ = auc_interval(1.0, 5, 10)
    assert wider < low


def test_fewer_than_thirty_rows_with_truth_have_no_figures() -> None:
    rows = binary(50)
    rows.loc[29:, "__truth__"] = None
    found = realized("binary", BINARY, rows, 50, 29)
    assert {figure.status for figure in found.figures} == {"not_enough_rows"}
    assert found.figures[0].value is None
    assert found.figures[0].message == "Accuracy needs at least 30 rows with truth; there are 29."
    assert found.coverage == pytest.approx(0.58)
    assert realized("binary", BINARY, rows[:0], 0, 0).coverage is None


def test_rows_without_truth_change_nothing() -> None:
    rows = binary(100)
    rows.loc[60:, "__truth__"] = None
    assert figures("binary", BINARY, rows) == figures("binary", BINARY, rows[:60])


def test_a_figure_that_is_undefined_says_what_it_needs() -> None:
    rows = binary(60).assign(__truth__="no", __label__="no")
    found = named(figures("binary", BINARY, rows))
    assert found["accuracy"].value == 1.0
    assert {name: figure.message for name, figure in found.items() if figure.message} == {
        "precision": "Precision needs rows answered `yes`; among 60 with truth there are none.",
        "recall": "Recall needs rows whose truth is `yes`; among 60 with truth there are none.",
        "f1": "F1 needs rows whose truth or answer is `yes`; among 60 with truth there are none.",
        "roc_auc": "ROC AUC needs rows of both labels; among 60 with truth there are none.",
    }


def test_labels_that_are_numbers_or_truth_values_are_those_of_the_log() -> None:
    kept = pd.DataFrame({"__truth__": [True, False] * 20, "__label__": [True, True] * 20})
    kept["__score__"] = 0.75
    logged = kept.astype({"__truth__": str, "__label__": str})
    signature = Signature((), "target", "binary", (False, True), True)
    assert figures("binary", signature, kept) == figures("binary", signature, logged)
    assert losses("binary", logged).tolist() == [0.0, 1.0] * 20
