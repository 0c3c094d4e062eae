"""A column put back: its distribution is the reference's, and no change is smaller."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from backend.errors import Unusable
from backend.versions.features import Feature
from console.drift.decisions.put_back import put_back

NUMBER = Feature("x", "number")
CATEGORY = Feature("c", "category", categories=("a", "b", "c"))


def numbers(values: Any) -> "pd.Series[Any]":
    return pd.Series(values, dtype=float, name="x")


def texts(**counts: int) -> "pd.Series[Any]":
    values = [None if name == "missing" else name for name, n in counts.items() for _ in range(n)]
    return pd.Series(values, dtype=object, name="c")


def counted(column: "pd.Series[Any]") -> dict[Any, int]:
    found: dict[Any, int] = column.value_counts().to_dict()
    missing = int(column.isna().sum())
    return found | ({None: missing} if missing else {})


@pytest.mark.parametrize(("n", "known"), [(1_000, 1_000), (700, 3_000), (3_000, 700)])
def test_numbers_take_the_references_distribution_and_keep_their_order(n: int, known: int) -> None:
    draw = np.random.default_rng(1)
    column, reference = numbers(draw.normal(3, 2, n)), numbers(draw.exponential(1, known))
    moved = put_back(column, reference, NUMBER)
    assert stats.ks_2samp(moved, reference).statistic <= 1 / min(n, known)
    assert moved.iloc[np.argsort(column)].is_monotonic_increasing
    assert set(moved) <= set(reference)
    assert moved.index.equals(column.index)


def test_no_way_to_the_reference_moves_numbers_less() -> None:
    draw = np.random.default_rng(2)
    for column in (draw.normal(1, 3, 500), draw.integers(0, 6, 500), np.full(500, 7.0)):
        reference = draw.integers(0, 4, 500)
        moved = put_back(numbers(column), numbers(reference), NUMBER)
        assert np.abs(moved - column).mean() == pytest.approx(
            stats.wasserstein_distance(column, reference)
        )


def test_tied_whole_numbers_are_split_and_stay_whole() -> None:
    column, reference = numbers([0] * 600 + [1] * 400), numbers([0] * 40 + [1] * 30 + [5] * 30)
    moved = put_back(column, reference, Feature("x", "integer"))
    assert counted(moved) == {0.0: 400, 1.0: 300, 5.0: 300}
    # Of the zeros only the surplus goes, and none of them past a one.
    assert counted(moved[column == 0]) == {0.0: 400, 1.0: 200}
    places = np.flatnonzero(moved[column == 0] == 1)
    assert stats.kstest(places / 600, "uniform").pvalue > 0.001


def test_a_column_that_has_not_moved_is_left_alone() -> None:
    draw = np.random.default_rng(3)
    reference = numbers(draw.integers(0, 9, 400))
    shuffled = reference.sample(frac=1, random_state=1)
    assert put_back(shuffled, reference, NUMBER).equals(shuffled)
    colours = texts(a=20, b=70, c=10)
    assert put_back(colours, colours.iloc[::-1], CATEGORY).equals(colours)


def test_only_the_surplus_of_a_category_moves() -> None:
    column, reference = texts(a=500, b=300, c=200), texts(a=30, b=40, c=30)
    moved = put_back(column, reference, CATEGORY)
    assert counted(moved) == {"a": 300, "b": 400, "c": 300}
    # As many rows as the total variation distance, which no coupling beats.
    assert (moved != column).sum() == 200
    assert set(column[moved != column]) == {"a"}


def test_new_categories_go_and_lost_ones_come_back() -> None:
    column, reference = texts(new=100, a=300), texts(a=50, b=50)
    moved = put_back(column, reference, CATEGORY)
    assert counted(moved) == {"a": 200, "b": 200}
    assert counted(moved[column == "new"]).get("new", 0) == 0


def test_missing_values_are_filled_or_made_like_a_category() -> None:
    nullable = Feature("c", "category", nullable=True, categories=("a", "b"))
    more = put_back(texts(missing=50, a=50), texts(missing=10, a=90), nullable)
    assert counted(more) == {"a": 90, None: 10}
    less = put_back(texts(a=80, b=20), texts(missing=50, a=50), nullable)
    assert counted(less) == {"a": 50, None: 50}
    number = Feature("x", "number", nullable=True)
    column = numbers([np.nan] * 60 + list(range(40)))
    reference = numbers([np.nan] * 10 + list(range(100, 190)))
    moved = put_back(column, reference, number)
    assert sorted(moved.dropna()) == sorted(reference.dropna())
    assert moved[column.notna()].dropna().is_monotonic_increasing
    back = put_back(reference, column, number)
    assert back.isna().sum() == 60
    assert back[reference.isna()].isna().all()


def test_what_may_not_be_missing_is_filled() -> None:
    moved = put_back(numbers([np.nan, 1, 2, np.nan]), numbers([5, np.nan, 6]), NUMBER)
    assert sorted(moved) == [5, 5, 6, 6]
    assert counted(put_back(texts(missing=4), texts(missing=3, b=1), CATEGORY)) == {"b": 4}
    assert put_back(numbers([np.nan] * 4), numbers([3, 4]), NUMBER).notna().all()


def test_booleans_and_numbers_sent_as_text_are_read_as_the_signature_reads_them() -> None:
    column = pd.Series(["True", True, "false", None], dtype=object, name="b")
    feature = Feature("b", "boolean", categories=("True", "False"))
    moved = put_back(column, pd.Series([False, False], dtype=object), feature)
    assert moved.tolist() == [False] * 4
    assert all(isinstance(value, bool) for value in moved)
    moved = put_back(pd.Series(["1", "2", None], dtype=object), numbers([4, 5, 6]), NUMBER)
    assert sorted(moved) == [4, 5, 6]


def test_the_seed_decides_the_draws() -> None:
    column, reference = texts(a=500, b=500), texts(a=10, b=20)
    first, again, other = (put_back(column, reference, CATEGORY, seed) for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)


def test_an_empty_window_stays_empty_and_an_empty_reference_is_refused() -> None:
    assert put_back(numbers([]), numbers([]), NUMBER).empty
    assert put_back(texts(), texts(a=3), CATEGORY).empty
    sentence = (
        "The reference has no value of `x`, so nothing can be put back to it. Train the version"
        " again on rows that have some."
    )
    for reference in (numbers([]), numbers([np.nan])):
        with pytest.raises(Unusable) as refusal:
            put_back(numbers([1.0]), reference, NUMBER)
        assert refusal.value.detail == sentence
    always_missing = put_back(numbers([1.0]), numbers([np.nan]), Feature("x", "number", True))
    assert always_missing.isna().all()
