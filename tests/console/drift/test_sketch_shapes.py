"""What is read from a sketch beside the verdict, against the rows."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

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
def test_counts_are_exact(name: str) -> None:
    random = np.random.default_rng(1)
    cells = cells_of(POPULATIONS[name](random, 2_000))
    window = np.append(POPULATIONS[name](random, 999) * 1.5 - 3, np.nan)
    vector = cells.vector(pd.Series(window))
    assert sketch.count(vector) == 999


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


def test_medians_follow_a_window_far_outside_the_reference() -> None:
    cells = cells_of(np.random.default_rng(7).normal(size=2_000))
    for at in (-1e6, 1e6):
        vector = cells.vector(pd.Series(np.full(500, at)))
        assert sketch.median(cells, vector) == pytest.approx(at, rel=1e-5)


def test_a_window_without_values_has_no_shape() -> None:
    cells = cells_of(np.arange(50.0))
    vector = cells.vector(pd.Series([np.nan] * 3))
    assert np.isnan(sketch.median(cells, vector))
