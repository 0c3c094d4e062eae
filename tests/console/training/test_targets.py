"""Targets: what a column asks for, and what cannot be learned."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from backend.errors import Unusable
from console.training import ALGORITHMS
from console.training.targets import detect_task, read_target


def _column(values: list[Any]) -> "pd.Series[Any]":
    return pd.Series(values, name="y")


@pytest.mark.parametrize(
    ("values", "task"),
    [
        (["a", "b"] * 20, "binary"),
        (["a", "b", "c"] * 20, "multiclass"),
        ([True, False] * 20, "binary"),
        ([0, 1] * 20, "binary"),
        ([0.0, 1.0, None] * 20, "binary"),
        (list(range(20)) * 5, "multiclass"),
        (list(range(21)) * 5, "regression"),
        ([0.5, 1.0] * 20, "regression"),
    ],
)
def test_the_values_decide_the_task(values: list[Any], task: str) -> None:
    assert detect_task(_column(values)) == task


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        (["no", "yes"] * 20, ("no", "yes")),
        ([1, 0] * 20, (0, 1)),
        ([1.0, 0.0, None] * 20, (0, 1)),
        ([True, False] * 20, (False, True)),
        ([True, False, None] * 20, (False, True)),
    ],
)
def test_labels_are_the_targets_own_values(values: list[Any], labels: tuple[Any, ...]) -> None:
    target = read_target(_column(values), ALGORITHMS["logistic_regression"], None)
    assert target.labels == labels
    assert [type(label) for label in target.labels] == [type(label) for label in labels]
    assert target.positive == labels[1]
    assert target.known.sum() == 40


def test_the_algorithm_decides_where_both_tasks_are_possible() -> None:
    column = _column([0, 1] * 20)
    assert read_target(column, ALGORITHMS["linear_regression"], None).task == "regression"
    many = _column(list(range(25)) * 6)
    assert read_target(many, ALGORITHMS["random_forest"], None).task == "regression"
    assert read_target(many, ALGORITHMS["logistic_regression"], None).task == "multiclass"


def test_the_positive_label_may_be_named_by_its_text() -> None:
    target = read_target(_column([1, 0] * 20), ALGORITHMS["random_forest"], "0")
    assert target.positive == 0


@pytest.mark.parametrize(
    ("values", "algorithm", "positive", "sentence"),
    [
        (
            ["a"] * 40,
            "random_forest",
            None,
            (
                "`y` is `'a'` in every row; a classification needs at least two labels. Add rows of"
                " another label, or choose another target."
            ),
        ),
        (
            [0.5] * 40,
            "random_forest",
            None,
            "`y` is `0.5` in every row; there is nothing to learn. Choose another target.",
        ),
        (
            ["a", "b"] * 20 + ["c"] * 4,
            "random_forest",
            None,
            (
                "Label `'c'` of `y` has 4 rows; expected at least 5 of each label. Add rows of it,"
                " or leave them out."
            ),
        ),
        (
            ["a", "b"] * 14 + [None] * 40,
            "random_forest",
            None,
            "`y` is known in 28 rows; expected at least 30. Add rows.",
        ),
        (
            ["a", "b"] * 20,
            "random_forest",
            "c",
            "The positive label `'c'` is not a label of `y`; expected one of `a`, `b`.",
        ),
        (
            ["a", "b"] * 20,
            "linear_regression",
            None,
            (
                "`linear_regression` predicts numbers, and `y` has values such as `'a'`. Choose"
                " `logistic_regression`, `random_forest` or `gradient_boosting`."
            ),
        ),
        (
            [0.25, 1.0] * 20,
            "logistic_regression",
            None,
            (
                "`logistic_regression` predicts labels, and `y` has numbers such as `0.25`. Choose"
                " `linear_regression`, `random_forest` or `gradient_boosting`."
            ),
        ),
        (
            list(range(101)) * 5,
            "logistic_regression",
            None,
            (
                "`y` has 101 different values; a classification has at most 100 labels. Choose"
                " another target, or `linear_regression` for numbers."
            ),
        ),
        (
            [0.5, np.inf] * 20,
            "random_forest",
            None,
            "Column `y` has infinite values. Replace them, or leave their rows out.",
        ),
    ],
)
def test_says_why_a_target_cannot_be_learned(
    values: list[Any], algorithm: str, positive: Any, sentence: str
) -> None:
    with pytest.raises(Unusable) as refusal:
        read_target(_column(values), ALGORITHMS[algorithm], positive)
    assert refusal.value.detail == sentence
