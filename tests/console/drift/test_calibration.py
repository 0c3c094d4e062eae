"""Quiet windows cry wolf in five of a hundred at most: a small version of the benchmark."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from backend.versions.features import Feature
from console.drift import Reference
from console.drift.over_time import of_false_flags
from scripts.simulate_drift import trials
from scripts.simulate_drift.families import FAMILIES, moved_shares
from scripts.simulate_drift.trials import Cell

WINDOWS = 80


def most(windows: int) -> int:
    """So many flagged windows of a true share of .05 have a chance of 0.1 % to be exceeded."""
    return int(stats.binom.isf(0.001, windows, 0.05))


@pytest.mark.parametrize(
    ("family", "n_current"),
    [
        *((family, 50) for family in ("normal", "sparse", "few sparse")),
        *((family, 200) for family in FAMILIES),
        *((family, 500) for family in ("sparse", "few sparse")),
    ],
)
def test_quiet_windows_of_all_kinds_of_columns_are_flagged_in_five_of_a_hundred_at_most(
    family: str, n_current: int
) -> None:
    found = trials.run(Cell(family, 10_000, n_current), WINDOWS, [1])
    assert found.flagged <= most(WINDOWS)


@pytest.mark.parametrize("family", ["normal", "sparse"])
def test_a_reference_no_longer_than_its_windows_is_not_taken_as_exact(family: str) -> None:
    found = trials.run(Cell(family, 1_000, 1_000), WINDOWS, [2])
    assert found.flagged <= most(WINDOWS)


@pytest.mark.parametrize("family", ["normal", "tied"])
def test_a_shift_is_found_four_times_in_five_where_that_is_called_enough(family: str) -> None:
    enough = trials.run(Cell(family, 10_000, 50), 1, [3]).enough
    found = trials.run(Cell(family, 10_000, enough), 160, [4])
    assert found.moved == 40
    assert found.found >= stats.binom.isf(0.999, 40, 0.8)


def test_a_quiet_window_is_called_stable_only_when_it_is_long_enough() -> None:
    short = trials.run(Cell("normal", 10_000, 200), 40, [5])
    long = trials.run(Cell("normal", 10_000, 1_000), 40, [5])
    assert short.stable == 0
    assert long.stable >= 40 - most(40)


def test_values_out_of_range_and_new_categories_are_no_flag_of_their_own() -> None:
    random = np.random.default_rng(6)
    names = np.array([f"k{i}" for i in range(400)])
    shares = 1 / np.arange(1, 401) ** 1.5

    def draw(n: int) -> pd.DataFrame:
        columns: dict[str, object] = {f"x{i}": random.lognormal(size=n) for i in range(6)}
        for i in range(4):
            columns[f"c{i}"] = random.choice(names, n, p=shares / shares.sum())
        return pd.DataFrame(columns)

    outside = new = flagged = 0
    for _ in range(WINDOWS):
        reference = draw(1_000)
        features = [
            Feature(str(name), "number" if str(name).startswith("x") else "category")
            for name in reference
        ]
        report = Reference.of(reference, features).compare(draw(300))
        outside += any(result.out_of_range > 0 for result in report.results)
        new += any(result.new_categories for result in report.results)
        flagged += report.n_drifted + report.n_moderate > 0
    # A bare flag for either would cry wolf in nearly every window.
    assert outside > WINDOWS / 2
    assert new > 0.95 * WINDOWS
    assert flagged <= most(WINDOWS)


@pytest.mark.parametrize(
    ("windows", "said"),
    [
        (2, "up to 0.1 show"),
        (10, "up to 0.5 show"),
        (24, "up to 1 shows"),
        (1_000, "up to 50 show"),
    ],
)
def test_a_reader_of_many_windows_is_told_how_many_cry_wolf(windows: int, said: str) -> None:
    assert of_false_flags(windows) == (
        f"Of {windows:,} quiet windows {said} a false flag: 5 %, by design."
    )


def test_the_bound_is_scipys_exact_interval() -> None:
    expected = stats.binomtest(37, 800, alternative="less").proportion_ci(0.95, "exact").high
    assert trials.upper_bound(37, 800) == pytest.approx(expected)
    assert trials.upper_bound(5, 5) == 1.0


def test_the_moved_category_is_as_far_as_it_says() -> None:
    shares = (0.7, *(0.3 / 20 for _ in range(20)))
    moved = moved_shares(shares)
    assert moved.sum() == pytest.approx(1)
    assert moved[0] < 0.7
    middle = (np.array(shares) + moved) / 2
    divergence = (stats.entropy(shares, middle) + stats.entropy(moved, middle)) / 2
    assert np.sqrt(divergence) == pytest.approx(0.1, abs=1e-6)
