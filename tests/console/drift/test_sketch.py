"""Vectors: they add up, in any order, and say of rows what the rows say."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from backend.versions.features import Feature, feature_of
from console.drift.columns import prepare
from console.drift.sketches import ColumnCells, freeze, measure

RANDOM = np.random.default_rng(3)
REFERENCE = pd.DataFrame(
    {
        "normal": RANDOM.normal(size=2_000),
        "whole": RANDOM.integers(0, 5, 2_000).astype(np.float64),
        "text": RANDOM.choice(list("abc"), 2_000),
        "flag": RANDOM.random(2_000) < 0.3,
    }
)
FEATURES = [feature_of(REFERENCE[name]) for name in REFERENCE]
CELLS = {cells.feature.name: cells for cells in freeze(FEATURES, REFERENCE)}

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "normal": st.none() | st.floats(allow_nan=True, allow_infinity=True),
    "whole": st.none() | st.sampled_from([0.0, 1.0, 2.5, 4.0, 7.0]),
    "text": st.none() | st.sampled_from(["a", "b", "new", "é"]),
    "flag": st.none() | st.booleans(),
}


def assert_same(cells: ColumnCells, found: Any, expected: Any) -> None:
    """Counts to the digit, sums to rounding: they depend on the order in which they were added."""
    start = 2 + cells.n_cells
    assert_array_equal(found[:start], expected[:start])
    assert_allclose(found[start:], expected[start:], rtol=1e-9)


@pytest.mark.parametrize("name", VALUES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_parts_in_any_order_add_up_to_the_whole(name: str, data: st.DataObject) -> None:
    values = data.draw(st.lists(VALUES[name], max_size=40))
    shuffled = data.draw(st.permutations(values))
    cut = data.draw(st.integers(0, len(values)))
    cells = CELLS[name]
    whole = cells.vector(pd.Series(values, dtype=object))
    parts = (shuffled[:cut], shuffled[cut:])
    added = sum(cells.vector(pd.Series(part, dtype=object)) for part in parts)
    assert_same(cells, added, whole)
    assert cells.counts(whole).sum() == whole[0] - whole[1]


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("ordered", [True, False])
def test_groups_in_one_pass_are_the_groups_apart(name: str, ordered: bool) -> None:
    random = np.random.default_rng(8)
    column = REFERENCE[name].astype(object).mask(random.random(2_000) < 0.1)
    groups = random.integers(0, 7, 2_000)
    groups[groups == 4] = 5  # a group without rows
    if ordered:
        groups = np.sort(groups)
    cells = CELLS[name]
    found = cells.vectors_by(column, groups, 7)
    assert found.shape == (7, cells.size)
    for group in range(7):
        assert_same(cells, found[group], cells.vector(column[groups == group]))


def test_the_columns_of_a_frame_are_left_as_they_were() -> None:
    column = REFERENCE["normal"].copy()
    CELLS["normal"].vector(column)
    pd.testing.assert_series_equal(column, REFERENCE["normal"])


def test_what_is_no_number_is_missing() -> None:
    column = pd.Series([1.0, None, np.inf, -np.inf, np.nan, "three", "4"], dtype=object)
    vector = CELLS["normal"].vector(column)
    assert vector[:2].tolist() == [7, 5]
    assert CELLS["normal"].counts(vector).sum() == 2


def test_new_categories_are_one_cell_and_known_by_name() -> None:
    column = pd.Series(["a", "z", "z", "y", None])
    cells = CELLS["text"]
    vector = cells.vector(column)
    assert vector[:2].tolist() == [5, 1]
    assert cells.counts(vector)[-1] == 3
    assert cells.novel(column) == {"z": 2, "y": 1}
    assert CELLS["normal"].novel(REFERENCE["normal"]) == {}


def test_at_most_fifty_new_categories_are_kept_the_most_frequent() -> None:
    texts = [f"new {i:02}" for i in range(60) for _ in range(i + 1)]
    found = CELLS["text"].novel(pd.Series(texts))
    assert len(found) == 50
    assert next(iter(found.items())) == ("new 59", 60)
    assert min(found.values()) == 11


def test_a_category_that_only_the_reference_has_is_known() -> None:
    feature = Feature("code", "category", categories=("1", "2"))
    reference = pd.Series([1.0, 2.0, 9.0], name="code")
    (cells,) = freeze([feature], reference.to_frame())
    assert cells.categories == ("1", "2", "9")
    assert cells.counts(cells.vector(pd.Series([9, 9, 3]))).tolist() == [0, 0, 2, 1]


@pytest.mark.parametrize(
    "feature",
    [
        Feature("gone", "number"),
        Feature("gone", "integer", quantiles=(1.0, 2.0)),
        Feature("gone", "category", categories=("a",)),
    ],
)
def test_a_reference_without_values_measures_missing_ones_only(feature: Feature) -> None:
    (cells,) = freeze([feature], REFERENCE)
    was = cells.vector(pd.Series(np.full(100, np.nan)))
    window = pd.Series(["a"] * 50 if feature.kind == "category" else [1.5] * 50)
    found = measure(cells, was, cells.vector(window))
    assert found.distribution is None
    assert (found.n_reference, found.n_current) == (0, 50)
    assert (found.missing_reference, found.missing_current) == (1.0, 0.0)
    exact = prepare(feature, pd.DataFrame(index=range(100))).measure(window)
    assert found.missingness == exact.missingness
    assert found.constant == exact.constant


def test_no_rows_at_all_measure_nothing() -> None:
    for name, cells in CELLS.items():
        found = measure(cells, cells.vector(REFERENCE[name]), np.zeros(cells.size))
        assert found.n_current == 0
        assert found.distribution is None
        assert np.isnan(found.missing_current)


def test_the_greatest_numbers_do_not_overflow() -> None:
    cells = CELLS["normal"]
    window = pd.Series([1.7e308] * 500 + [-1.7e308] * 500)
    found = measure(cells, cells.vector(REFERENCE["normal"]), cells.vector(window))
    assert np.isfinite(found.effect)
    assert found.effect > 1e250
    assert found.out_of_range == 1.0
