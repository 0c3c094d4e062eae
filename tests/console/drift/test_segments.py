"""Intervals of shares, and the segments that stand out."""

import numpy as np
import pytest
from scipy import stats

from backend.versions.features import Feature
from console.drift.decisions.intervals import effective_rows, wilson
from console.drift.decisions.segments import segments_of, standing_out


@pytest.mark.parametrize(("hits", "n"), [(0, 40), (1, 40), (17, 40), (40, 40), (120, 4_000)])
def test_wilsons_interval_equals_scipys(hits: int, n: int) -> None:
    expected = stats.binomtest(hits, n).proportion_ci(method="wilson")
    low, high = wilson(hits / n, n)
    assert float(low) == pytest.approx(expected.low, abs=1e-7)
    assert float(high) == pytest.approx(expected.high, abs=1e-7)


def test_rows_that_agree_within_their_groups_count_for_less() -> None:
    independent = np.array([0.29, 0.31, 0.30, 0.28, 0.32, 0.30])
    clustered = np.array([0.1, 0.5, 0.2, 0.4, 0.05, 0.55])
    assert effective_rows(0.3, 600, independent) == 600
    assert 1 <= effective_rows(0.3, 600, clustered) < 30
    assert effective_rows(0.0, 600, np.zeros(6)) == 600


def test_numbers_are_cut_at_the_references_quarters_and_ranges_read_aloud() -> None:
    whole, number = Feature("h", "integer"), Feature("t", "number", unit="°C")
    kind = Feature("k", "category")
    reference = {
        "h": np.repeat([0.0, 5.0, 6.0, 12.0], 25),
        "t": np.linspace(0, 40, 101),
        "k": np.array(["a"] * 100, dtype=object),
    }
    n = 600
    columns = {
        "h": np.tile([0.0, 5.0, 8.0, 12.0, 99.0, np.nan], 100),
        "t": np.full(n, 15.5),
        "k": np.array(["a", "b", None] * 200, dtype=object),
    }
    found = segments_of([whole, number, kind], columns, reference)
    assert dict(zip(found.names, found.members.sum(axis=1).tolist(), strict=True)) == {
        "h below 5": 100,
        "h 5": 100,
        "h from 6 to 11": 100,
        "h 12 or more": 200,
        "h missing": 100,
        "t (°C) from 10 to below 20": 600,
        "k = a": 200,
        "k = b": 200,
        "k missing": 200,
    }


def test_a_constant_number_and_a_rare_value_make_no_segment_of_few_rows() -> None:
    number, kind = Feature("t", "number"), Feature("k", "category")
    columns = {"t": np.full(100, 3.0), "k": np.array(["a"] * 71 + ["b"] * 29, dtype=object)}
    found = segments_of([number, kind], columns, columns)
    assert found.names == ("t 3 or more", "k = a")


def test_only_a_segment_that_changes_more_stands_out() -> None:
    draw = np.random.default_rng(5)
    kind = Feature("k", "category")
    columns = {"k": draw.choice(list("abcd"), 2_000).astype(object)}
    segments = segments_of([kind], columns, columns)
    changed = draw.random(2_000) < np.where(columns["k"] == "b", 0.3, 0.1)
    found = standing_out(segments, changed)
    assert found["segment"].tolist() == ["k = b"]
    row = found.iloc[0]
    assert row["n"] == (columns["k"] == "b").sum()
    assert changed.mean() < row["low"] < row["changed"] < row["high"]
    assert standing_out(segments, np.zeros(2_000, dtype=bool)).empty


def test_chance_makes_a_segment_stand_out_in_no_more_than_one_window_of_twenty() -> None:
    draw = np.random.default_rng(6)
    features = [Feature(f"x{i}", "number") for i in range(20)]
    windows, noisy = 400, 0
    for _ in range(windows):
        columns = {feature.name: draw.normal(size=400) for feature in features}
        segments = segments_of(features, columns, columns)
        noisy += len(standing_out(segments, draw.random(400) < 0.15)) > 0
    # The chance to see so many if one in twenty were true.
    assert stats.binom.sf(noisy - 1, windows, 0.05) > 0.01
