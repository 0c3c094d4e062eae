"""What charts read from a sketch, against the rows."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from backend.versions.features import feature_of
from console.drift import sketches as sketch
from console.drift.sketches import ColumnCells, freeze
from console.drift.statistics import Floats
from scripts.sketch_errors import POPULATIONS

SHARES = [0.0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1.0]


def cells_of(reference: Floats) -> ColumnCells:
    column = pd.Series(reference, name="x")
    return freeze([feature_of(column)], column.to_frame())[0]


@pytest.mark.parametrize("name", POPULATIONS)
def test_mean_and_counts_are_exact(name: str) -> None:
    random = np.random.default_rng(1)
    cells = cells_of(POPULATIONS[name](random, 2_000))
    window = np.append(POPULATIONS[name](random, 999) * 1.5 - 3, np.nan)
    vector = cells.vector(pd.Series(window))
    assert sketch.count(vector) == 999
    assert sketch.mean(cells, vector) == pytest.approx(np.nanmean(window), rel=1e-9)


@pytest.mark.parametrize("name", POPULATIONS)
def test_quantiles_are_within_a_cell(name: str) -> None:
    random = np.random.default_rng(2)
    reference = POPULATIONS[name](random, 10_000)
    cells = cells_of(reference)
    window = POPULATIONS[name](random, 4_000)
    found = sketch.quantiles(cells, cells.vector(pd.Series(window)), SHARES)
    assert (np.diff(found) >= 0).all()
    inner = slice(2, -2)  # in the outermost cells the reference itself has few values
    expected = np.quantile(window, SHARES)
    assert_allclose(found[inner], expected[inner], atol=0.005 * reference.std())
    reached = (window <= found[:, None]).mean(axis=1)
    below = (window < found[:, None]).mean(axis=1)
    assert (below <= np.array(SHARES) + 0.004).all()
    assert (reached >= np.array(SHARES) - 0.004).all()


@pytest.mark.parametrize("n", [1, 2, 7, 900])
def test_quantiles_of_whole_numbers_are_numpys(n: int) -> None:
    random = np.random.default_rng(n)
    cells = cells_of(random.integers(0, 9, 3_000).astype(np.float64))
    window = random.integers(0, 9, n).astype(np.float64)
    vector = cells.vector(pd.Series(window))
    assert_allclose(sketch.quantiles(cells, vector, SHARES), np.quantile(window, SHARES))
    assert sketch.median(cells, vector) == np.median(window)


def test_a_histogram_of_whole_numbers_is_the_rows() -> None:
    random = np.random.default_rng(4)
    cells = cells_of(random.integers(0, 9, 3_000).astype(np.float64))
    window = random.integers(0, 9, 700).astype(np.float64)
    edges = np.arange(1.5, 7.0)  # 0, 1, 7 and 8 lie beyond the bins
    found = sketch.histogram(cells, cells.vector(pd.Series(window)), edges)
    expected, _ = np.histogram(np.clip(window, 1.5, 6.5), bins=edges)
    assert_allclose(found, expected)


def test_a_histogram_and_a_distribution_function_are_within_a_cell() -> None:
    random = np.random.default_rng(5)
    cells = cells_of(random.normal(size=10_000))
    window = random.normal(0.2, 1.1, 20_000)
    vector = cells.vector(pd.Series(window))
    edges = np.linspace(-2.5, 2.5, 31)
    found = sketch.histogram(cells, vector, edges)
    expected, _ = np.histogram(np.clip(window, -2.5, 2.5), bins=edges)
    assert found.sum() == pytest.approx(20_000)
    assert_allclose(found, expected, atol=0.001 * 20_000)
    shares = sketch.cdf(cells, vector, edges)
    assert_allclose(shares, (window <= edges[:, None]).mean(axis=1), atol=0.001)


def test_a_distribution_function_jumps_where_many_values_are_one() -> None:
    random = np.random.default_rng(6)
    reference = np.where(random.random(2_000) < 0.6, 0.0, random.exponential(size=2_000))
    cells = cells_of(reference)
    vector = cells.vector(pd.Series(reference))
    below, at = sketch.cdf(cells, vector, np.array([-1e-9, 0.0]))
    assert below == 0.0
    assert at == (reference == 0).mean()


def test_medians_follow_a_window_far_outside_the_reference() -> None:
    cells = cells_of(np.random.default_rng(7).normal(size=2_000))
    for at in (-1e6, 1e6):
        vector = cells.vector(pd.Series(np.full(500, at)))
        assert sketch.median(cells, vector) == pytest.approx(at, rel=1e-5)
        assert sketch.mean(cells, vector) == pytest.approx(at, rel=1e-12)


def test_a_window_without_values_has_no_shape() -> None:
    cells = cells_of(np.arange(50.0))
    vector = cells.vector(pd.Series([np.nan] * 3))
    assert np.isnan(sketch.mean(cells, vector))
    assert np.isnan(sketch.median(cells, vector))
    assert np.isnan(sketch.cdf(cells, vector, np.array([1.0]))).all()
    assert_array_equal(sketch.histogram(cells, vector, np.array([0.0, 1.0, 2.0])), [0, 0])


def test_categories_are_counted_by_name_as_far_as_they_are_known() -> None:
    column = pd.Series(list("aab"), name="c")
    (cells,) = freeze([feature_of(column)], column.to_frame())
    window = pd.Series(["b", "z", "z", "y", None])
    vector = cells.vector(window)
    found = sketch.category_counts(cells, vector, {"z": 2})
    assert found.to_dict() == {"a": 0.0, "b": 1.0, "z": 2.0, "(new)": 1.0}
    assert sketch.category_counts(cells, vector, cells.novel(window)).to_dict() == {
        "a": 0.0,
        "b": 1.0,
        "z": 2.0,
        "y": 1.0,
    }
