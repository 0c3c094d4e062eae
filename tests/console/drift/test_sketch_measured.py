"""What sketches measure, against the rows: SciPy's statistics, and the exact comparison's."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from backend.versions.features import Feature, feature_of
from console.drift.columns import Measured, prepare
from console.drift.sketches import freeze, measure
from console.drift.sketches.measuring import OTHERS, wasserstein
from console.drift.statistics import Floats
from scripts.sketch_errors import CHANGES, POPULATIONS, errors


def both(reference: Floats, window: Floats) -> tuple[Measured, Measured]:
    """The measures of a number, from sketches and from the rows."""
    column, current = pd.Series(reference, name="x"), pd.Series(window, name="x")
    feature = feature_of(column)
    (cells,) = freeze([feature], column.to_frame())
    sketched = measure(cells, cells.vector(column), cells.vector(current))
    return sketched, prepare(feature, column.to_frame()).measure(current)


def test_distances_are_off_by_less_than_two_thousandths_whatever_happened() -> None:
    found = errors(references=[1_000, 10_000], windows=[2_000], repeats=1)
    assert len(found) == len(POPULATIONS) * 2 * sum(len(ways) for ways in CHANGES.values())
    assert found["wasserstein"].abs().max() < 0.002
    assert found["ks"].abs().max() < 0.002
    # A distance on the edges is no greater than the one between them.
    assert found["ks"].max() < 1e-12


def test_a_million_rows_are_as_near() -> None:
    random = np.random.default_rng(1)
    reference = random.lognormal(size=10_000)
    window = random.lognormal(size=1_000_000) * 1.1
    sketched, _ = both(reference, window)
    expected = stats.wasserstein_distance(reference, window) / reference.std()
    assert sketched.effect == pytest.approx(expected, abs=0.001)
    assert sketched.distribution is not None
    ks = stats.ks_2samp(reference, window, method="asymp").statistic
    assert sketched.distribution.statistic == pytest.approx(ks, abs=0.001)


@pytest.mark.parametrize("change", ["another unit", "outliers of ±1e9"])
def test_what_lies_beyond_the_reference_is_measured_to_the_digit(change: str) -> None:
    random = np.random.default_rng(4)
    reference = random.lognormal(size=3_000)
    for way in CHANGES[change].values():
        window = way(random.lognormal(size=2_000), 1.0, random)
        sketched, _ = both(reference, window)
        expected = stats.wasserstein_distance(reference, window) / reference.std()
        assert sketched.effect == pytest.approx(expected, rel=1e-4)


def test_far_from_zero_no_digit_is_lost() -> None:
    random = np.random.default_rng(5)
    reference, window = 1e9 + random.normal(size=5_000), 1e9 + 0.2 + random.normal(size=5_000)
    sketched, exact = both(reference, window)
    assert sketched.effect == pytest.approx(exact.effect, abs=0.002)


@pytest.mark.parametrize("name", POPULATIONS)
def test_stability_ranges_and_missing_values_are_exact(name: str) -> None:
    random = np.random.default_rng(6)
    for window in (
        POPULATIONS[name](random, 3_000),
        POPULATIONS[name](random, 3_000) * 1.3 - 1,
        np.where(random.random(3_000) < 0.2, np.nan, POPULATIONS[name](random, 3_000)),
    ):
        reference = POPULATIONS[name](random, 2_000)
        reference[:40] = np.nan
        sketched, exact = both(reference, window)
        assert sketched.stability == pytest.approx(exact.stability, abs=1e-12)
        assert sketched.out_of_range == pytest.approx(exact.out_of_range, abs=1e-12)
        assert sketched.missingness == exact.missingness
        for part in ("n_reference", "n_current", "missing_reference", "missing_current", "was"):
            assert getattr(sketched, part) == getattr(exact, part)


def test_values_outside_trainings_range_are_counted_by_that_range() -> None:
    feature = Feature("x", "number", quantiles=(-10.0, 10.0))
    column = pd.Series(np.random.default_rng(7).normal(size=500), name="x")
    (cells,) = freeze([feature], column.to_frame())
    window = pd.Series([-10.1] * 5 + [-10.0] * 10 + [0.0] * 20 + [10.0] * 10 + [10.1] * 5)
    assert measure(cells, cells.vector(column), cells.vector(window)).out_of_range == 0.2


@pytest.mark.parametrize("name", ["whole numbers 0 to 4", "normal, rounded to 0.1"])
def test_of_discrete_numbers_the_distances_are_exact(name: str) -> None:
    random = np.random.default_rng(8)
    reference = POPULATIONS[name](random, 4_000)
    window = random.choice(reference[reference > 0], 900)
    for moved in (window, np.where(random.random(900) < 0.3, window[0], window)):
        sketched, exact = both(reference, moved)
        assert sketched.distribution is not None
        assert exact.distribution is not None
        statistic = sketched.distribution.statistic
        assert statistic == pytest.approx(exact.distribution.statistic, abs=1e-12)
        assert sketched.effect == pytest.approx(exact.effect, abs=1e-9)
        assert sketched.became == exact.became


@pytest.mark.parametrize("away", [3.0, np.nextafter(3.5, -np.inf), np.nextafter(3.5, np.inf), 1e9])
def test_the_share_that_leaves_a_constant_reference_is_exact(away: float) -> None:
    window = np.array([3.5] * 600 + [away] * 400)
    sketched, exact = both(np.full(1_000, 3.5), window)
    assert sketched.constant
    assert sketched.effect == pytest.approx(0.4, abs=1e-12)
    assert sketched.distribution == exact.distribution
    assert both(np.full(1_000, 3.5), np.full(500, 3.5))[0].effect == 0.0


def test_the_area_of_a_change_of_sign_inside_a_cell_lies_between_its_bounds() -> None:
    # The reference has no value between 0 and 1, so its cell there is as wide as it may be.
    random = np.random.default_rng(9)
    reference = np.concatenate((random.normal(-5, 1, 500), random.normal(5, 1, 500)))
    column = pd.Series(reference, name="x")
    (cells,) = freeze([feature_of(column)], column.to_frame())
    for at in np.linspace(-1, 1, 41):
        window = np.full(100, at)
        found = wasserstein(cells, cells.vector(column), cells.vector(pd.Series(window)))
        exact = stats.wasserstein_distance(reference, window)
        assert found == pytest.approx(exact, abs=0.002 * reference.std())


def categories(window: list[str], novel: bool) -> tuple[Measured, Measured]:
    reference = pd.Series(list("aaaaabbbcc") * 30, name="c")
    feature = feature_of(reference)
    (cells,) = freeze([feature], reference.to_frame())
    column = pd.Series(window, name="c")
    vector = cells.vector(column)
    known = cells.novel(column) if novel else {}
    exact = prepare(feature, reference.to_frame()).measure(column)
    return measure(cells, cells.vector(reference), vector, known), exact


@pytest.mark.parametrize("window", [list("aabbbc") * 20, list("abcdde") * 20, ["z"] * 40])
def test_categories_are_exact_where_the_new_ones_are_known(window: list[str]) -> None:
    sketched, exact = categories(window, novel=True)
    assert sketched == exact


def test_new_categories_together_have_the_divergence_that_they_have_apart() -> None:
    window = list("aabbbc") * 20 + [f"new {i}" for i in range(30) for _ in range(i)]
    sketched, exact = categories(window, novel=False)
    assert sketched.effect == pytest.approx(exact.effect, abs=1e-12)
    assert sketched.new_categories == (OTHERS,)
    assert sketched.n_current == exact.n_current


def test_new_categories_beyond_the_fifty_kept_by_name_are_told_together() -> None:
    window = ["a"] * 50 + [f"new {i:02}" for i in range(70)]
    sketched, exact = categories(window, novel=True)
    assert sketched.effect == pytest.approx(exact.effect, abs=1e-12)
    assert len(sketched.new_categories) == 51
    assert sketched.new_categories[-1] == OTHERS
