"""One feature closely: the same bins on both sides, shares that add up, stretches in order."""

import numpy as np
import pandas as pd
import pytest

from backend.records.predictions import Window
from backend.versions.features import Feature
from console.drift import distributions

NUMBER = Feature("x", "number")
WHOLE = Feature("x", "integer")
WORD = Feature("x", "category", categories=("a", "b"))
HOUR = 3_600 * 1_000_000


def test_a_histogram_has_the_same_bins_on_both_sides_and_loses_no_value() -> None:
    rng = np.random.default_rng(0)
    reference = pd.DataFrame({"x": rng.normal(size=1_000)})
    current = pd.DataFrame({"x": [*rng.normal(5, 1, size=400), np.nan, 1e9]})
    frame = distributions.histogram(NUMBER, reference, current)
    was, became = (part for _, part in frame.groupby("side", sort=False))
    assert was["lower"].tolist() == became["lower"].tolist()
    assert (was["n"].sum(), became["n"].sum()) == (1_000, 401)
    assert frame.groupby("side")["share"].sum().tolist() == pytest.approx([1.0, 1.0])


def test_few_whole_numbers_get_a_bin_each() -> None:
    reference = pd.DataFrame({"x": [1, 1, 2, 3]})
    current = pd.DataFrame({"x": [2, 2, 2, 3]})
    frame = distributions.histogram(WHOLE, reference, current)
    assert frame["lower"].tolist() == [0.5, 1.5, 2.5] * 2
    assert frame["n"].tolist() == [2, 1, 1, 0, 3, 1]


def test_a_constant_is_one_bin() -> None:
    frame = distributions.histogram(
        NUMBER, pd.DataFrame({"x": [2.0, 2.0]}), pd.DataFrame({"x": [2.0]})
    )
    assert frame[["lower", "upper", "n"]].to_numpy().tolist() == [[1.5, 2.5, 2], [1.5, 2.5, 1]]


def test_a_side_without_values_gives_no_rows() -> None:
    nothing = pd.DataFrame({"x": [np.nan]})
    something = pd.DataFrame({"x": [1.0]})
    assert distributions.histogram(NUMBER, something, nothing).empty
    assert distributions.categories(WORD, something, nothing).empty


def test_categories_are_shares_of_each_side_and_new_ones_are_there() -> None:
    reference = pd.DataFrame({"x": ["a", "a", "b", "b"]})
    current = pd.DataFrame({"x": ["b", "new", None]})
    frame = distributions.categories(WORD, reference, current)
    shares = frame.set_index(["category", "side"])["share"]
    assert shares["new", "current"] == 0.5
    assert shares["new", "reference"] == 0.0
    assert shares["a", "current"] == 0.0
    assert frame.groupby("side")["share"].sum().tolist() == pytest.approx([1.0, 1.0])


def test_the_rarest_of_many_categories_are_put_together() -> None:
    many = pd.DataFrame({"x": [f"c{i}" for i in range(40) for _ in range(40 - i)]})
    frame = distributions.categories(WORD, many, many)
    names = frame["category"].drop_duplicates().tolist()
    assert len(names) == 13
    assert names[0] == "c0"
    assert names[-1] == distributions.OTHER
    assert frame["n"].sum() == 2 * len(many)


def test_a_number_over_time_has_the_quantiles_of_each_stretch() -> None:
    window = Window(0, 2 * HOUR)
    current = pd.DataFrame({"x": np.arange(22.0), "__at__": [0] * 11 + [HOUR] * 11})
    reference = pd.DataFrame({"x": np.arange(100.0)})
    frame = distributions.number_over_time(NUMBER, reference, current, window)
    assert frame["middle"].tolist() == [5.0, 16.0]
    assert frame["low"].tolist() == [1.0, 12.0]
    assert frame["high"].tolist() == [9.0, 20.0]
    assert frame["n"].tolist() == [11, 11]
    assert distributions.level(NUMBER, reference) == 49.5


def test_a_number_of_few_whole_values_is_drawn_by_its_mean() -> None:
    window = Window(0, HOUR)
    current = pd.DataFrame({"x": [0, 1, 1, 1], "__at__": [0] * 4})
    current = pd.concat([current] * 25, ignore_index=True)
    reference = pd.DataFrame({"x": [0, 1]})
    frame = distributions.number_over_time(WHOLE, reference, current, window)
    error = 1.96 * current["x"].std() / 10
    assert frame[["low", "middle", "high"]].iloc[0].tolist() == pytest.approx(
        [0.75 - error, 0.75, 0.75 + error]
    )
    assert distributions.level(WHOLE, reference) == 0.5


def test_a_stretch_of_fewer_than_five_values_is_left_out() -> None:
    current = pd.DataFrame({"x": [1.0] * 4, "__at__": [0] * 4})
    frame = distributions.number_over_time(NUMBER, current, current, Window(0, HOUR))
    assert frame.empty


def test_the_categories_that_moved_most_are_followed_over_time() -> None:
    reference = pd.DataFrame({"x": ["a"] * 8 + ["b"] * 2})
    texts = ["a"] * 5 + ["b"] * 5 + ["b"] * 10
    current = pd.DataFrame({"x": texts, "__at__": [0] * 10 + [HOUR] * 10})
    frame = distributions.category_over_time(WORD, reference, current, Window(0, 2 * HOUR))
    of_a = frame[frame["category"] == "a"]
    assert of_a["share"].tolist() == [0.5, 0.0]
    assert of_a["n"].tolist() == [10, 10]
    assert str(frame["at"].dt.tz) == "UTC"


def test_ranked_says_how_many_floors_an_effect_measures() -> None:
    frame = pd.DataFrame(
        {
            "feature": ["x", "y", "z"],
            "title": ["X", "Y", "Z"],
            "status": ["drifted", "stable", "not_enough_rows"],
            "message": ["", "", ""],
            "effect": [0.35, 0.05, np.nan],
            "effect_floor": [0.1, 0.1, 0.1],
        }
    )
    found = distributions.ranked(frame)
    assert found["floors"].tolist() == pytest.approx([3.5, 0.5])
    assert found["label"].tolist() == ["drifted · 3.5×", "stable · 0.5×"]
    assert len(distributions.ranked(frame, most=1)) == 1
