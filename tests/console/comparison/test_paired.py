"""The paired difference: detects and does not detect, and how many rows would tell."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from console.comparison import metrics
from console.comparison.metrics import Metric
from console.comparison.paired import enough, few, needed, paired

NAMES = ("version 1", "version 2")


def judged(errors: "np.ndarray[Any, np.dtype[np.float64]]") -> dict[str, Metric]:
    """A version that is off by so much in each row."""
    return {"mae": lambda w: metrics.mean(np.abs(errors), w)}


def outcomes(shift: float, n: int, times: int, seed: int) -> pd.DataFrame:
    """Many comparisons of two versions, the second with errors that are greater by `shift`."""
    draw = np.random.default_rng(seed)
    rows = []
    for i in range(times):
        both = 5 + draw.normal(size=n)
        a, b = both + 0.4 * draw.normal(size=n), both + 0.4 * draw.normal(size=n) + shift
        frame, undefined = paired(judged(a), judged(b), n, NAMES, i)
        assert undefined == ()
        rows.append(frame.iloc[0])
    return pd.DataFrame(rows)


def test_equals_are_seldom_told_apart() -> None:
    found = outcomes(0.0, 200, 150, 1)
    assert found["clear"].sum() <= 15  # 5 % of 150 and three standard deviations
    assert set(found.loc[~found["clear"], "better"]) <= {"unclear"}


def test_a_greater_error_of_the_second_speaks_for_the_first() -> None:
    found = outcomes(0.3, 200, 50, 2)
    assert set(found["better"]) == {"a"}
    assert found["difference"].mean() == pytest.approx(0.3, abs=0.03)


def test_as_many_rows_as_needed_find_the_difference_four_times_in_five() -> None:
    sd = 0.4 * np.sqrt(2)  # of the difference of one row
    rows = needed(0.1, sd / np.sqrt(1_000), 1_000)
    closed = (stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) ** 2 * sd**2 / 0.1**2
    assert rows == np.ceil(closed) == 252
    share = outcomes(0.1, int(rows), 120, 3)["clear"].mean()
    assert share == pytest.approx(0.8, abs=0.11)  # three standard deviations


def test_the_rows_needed_come_from_the_spread_of_the_bootstrap() -> None:
    row = outcomes(0.1, 400, 1, 4).iloc[0]
    sd = (row["high"] - row["low"]) / 2 / stats.norm.ppf(0.975)
    assert row["needed"] == pytest.approx(needed(row["difference"], sd, 400), rel=0.15)
    assert row["detectable"] == pytest.approx(2.80 * sd, rel=0.1)


@pytest.mark.parametrize(
    ("difference", "sd"), [(0.0, 0.1), (1e-9, 0.1), (0.1, float("nan"))], ids=str
)
def test_no_number_of_rows_is_named_where_none_would_do(difference: float, sd: float) -> None:
    assert np.isnan(needed(difference, sd, 100))


def test_the_interval_of_shares_is_about_the_closed_one() -> None:
    draw = np.random.default_rng(9)
    a, b = draw.random(2_000) < 0.80, draw.random(2_000) < 0.84
    right: dict[str, Callable[[Any], Any]] = {"accuracy": lambda w: metrics.mean(a, w)}
    frame, _ = paired(right, {"accuracy": lambda w: metrics.mean(b, w)}, 2_000, NAMES, 0)
    row = frame.iloc[0]
    spread = 1.96 * np.std(b.astype(float) - a, ddof=1) / np.sqrt(2_000)
    assert row["difference"] == pytest.approx(b.mean() - a.mean())
    assert row["low"] == pytest.approx(row["difference"] - spread, abs=0.15 * spread)
    assert row["high"] == pytest.approx(row["difference"] + spread, abs=0.15 * spread)


def test_of_the_mean_error_the_size_is_compared_whatever_its_sign() -> None:
    n = 300
    off = np.random.default_rng(3).normal(0, 0.1, n)
    low: dict[str, Metric] = {"bias": lambda w: metrics.mean(-2 + off, w)}
    high: dict[str, Metric] = {"bias": lambda w: metrics.mean(1 + off, w)}
    row = paired(low, high, n, NAMES, 0)[0].iloc[0]
    assert (row["a"], row["b"]) == pytest.approx((-2, 1), abs=0.05)
    assert row["difference"] == pytest.approx(-1, abs=0.05)
    assert row["better"] == "b"


def test_a_metric_without_a_value_is_a_sentence_and_no_row() -> None:
    truth = np.ones(40, dtype=bool)
    scores = np.linspace(0, 1, 40)
    only: dict[str, Metric] = {
        "accuracy": lambda w: metrics.mean(truth, w),
        "roc_auc": lambda w: metrics.roc_auc(truth, scores, w),
    }
    frame, undefined = paired(only, only, 40, NAMES, 0)
    assert frame["metric"].tolist() == ["accuracy"]
    assert undefined == ("ROC AUC is not defined for version 1 and version 2 on these rows.",)


def line(**more: Any) -> dict[str, Any]:
    """A line of an unclear difference."""
    return {
        "metric": "accuracy",
        "title": "Accuracy",
        "difference": 0.012,
        "low": -0.01,
        "high": 0.034,
        "clear": False,
        "n": 171,
        "needed": 1_234.0,
        "detectable": 0.0321,
    } | more


def test_says_how_many_rows_would_be_enough() -> None:
    assert enough(line()) == (
        "Not enough rows to tell: about 1,200 would be enough for a difference as small as the one"
        " found here (0.012); 171 rows show a difference of 0.032 in accuracy four times in five."
    )
    assert few(line()) == "no, about 1,200"


def test_says_that_a_difference_is_too_small_to_wait_for() -> None:
    said = enough(line(needed=float("nan"), metric="roc_auc", title="ROC AUC"))
    assert said == (
        "171 rows show a difference of 0.032 in ROC AUC four times in five; one as small as was"
        " found here no number of rows worth waiting for would."
    )
    assert few(line(needed=None)) == "no"


def test_says_where_chance_hid_a_difference_that_would_mostly_show() -> None:
    assert enough(line(needed=150.0)) == (
        "171 rows show a difference of 0.032 in accuracy four times in five, and this one was not"
        " clear: more rows would tell."
    )
    assert few(line(needed=150.0)) == "nearly"


def test_says_nothing_where_it_is_clear_and_that_twins_are_alike() -> None:
    assert (enough(line(clear=True)), few(line(clear=True))) == ("", "yes")
    alike = line(low=0.0, high=0.0, difference=0.0)
    assert (enough(alike), few(alike)) == ("The two answer these rows alike.", "alike")
