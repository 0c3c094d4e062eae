"""Labels that differ in a handful of rows make no version better, whatever resampling says."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from console.comparison import metrics
from console.comparison.cautious import cautious
from console.comparison.mcnemar import mcnemar
from console.comparison.paired import paired

NAMES = ("version 1", "version 2")


def judged(only_a: int, only_b: int, n: int = 150) -> Any:
    """The accuracy and recall of two versions that are right alone in so many rows, of all true."""
    rows = np.arange(n)
    a, b = rows >= only_b, (rows < only_b) | (rows >= only_a + only_b)
    truth = np.ones(n, dtype=bool)
    sides = [
        {
            "accuracy": lambda w, side=side: metrics.mean(side, w),
            "recall": lambda w, side=side: metrics.recall(truth, side, w),
        }
        for side in (a, b)
    ]
    frame, _ = paired(sides[0], sides[1], n, NAMES, 0)
    assert frame["clear"].all()
    found = cautious(frame, mcnemar(a, b, NAMES), only_a + only_b)
    return found.set_index("metric")


def test_five_rows_the_same_way_are_not_clear() -> None:
    found = judged(5, 0)
    assert not found["clear"].any()
    assert set(found["better"]) == {"unclear"}
    assert found.loc["recall", "label"].endswith(", but only 5 rows differ).")
    assert (found["high"] < 0).all()


def test_six_rows_the_same_way_are() -> None:
    found = judged(6, 0)
    assert set(found["better"]) == {"a"}
    assert found.loc["accuracy", "label"].startswith("Version 1 is better by 0.04")


def test_accuracy_is_not_clear_where_the_exact_test_is_not() -> None:
    found = judged(1, 8)  # p = 0.039
    assert found["better"].tolist() == ["b", "b"]
    found = judged(1, 7)  # p = 0.07
    assert found.loc["accuracy", "better"] == "unclear"
    assert found.loc["accuracy", "label"].endswith(
        ", but by McNemar's exact test chance would do)."
    )
    assert found.loc["recall", "better"] == "b"


@pytest.mark.parametrize("frame", [pd.DataFrame({"metric": ["mae"], "clear": [True]})])
def test_a_regression_is_left_as_it_is(frame: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(cautious(frame, None, 0), frame)
