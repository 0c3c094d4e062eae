"""What charts need of a column, read from its sketch: mean, quantiles, histogram, counts.

Inside a cell a number's values are taken as spread evenly over the longest stretch that ends at
one of the cell's edges and has their mean, which is exact. So medians and bars are exact where a
value has a cell of its own, and elsewhere off by less than a cell, which holds at most 1/600 of
the reference. Of values beyond the reference's range only their number and mean are known, so
their bars show where they are, and not their shape.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from console.drift.sketches.cells import ColumnCells
from console.drift.statistics import Floats

NEW = "(new)"

Places = NDArray[np.int64]


def rows(vector: Floats) -> int:
    """The rows behind a vector, those without a value too."""
    return int(vector[0])


def count(vector: Floats) -> int:
    """The values behind a vector: rows less the missing."""
    return int(vector[0] - vector[1])


def mean(cells: ColumnCells, vector: Floats) -> float:
    """The mean of a number, exact to rounding; NaN without values."""
    counts = cells.counts(vector)
    held = np.flatnonzero(counts)
    if not len(held):
        return float("nan")
    low, high = _stretch(cells, vector, held)
    return float(low[0] + np.average((low + high) / 2 - low[0], weights=counts[held]))


def median(cells: ColumnCells, vector: Floats) -> float:
    """The median of a number; NaN without values."""
    return float(quantiles(cells, vector, [0.5])[0])


def quantiles(cells: ColumnCells, vector: Floats, shares: "Sequence[float] | Floats") -> Floats:
    """The quantiles of a number at shares in [0, 1], as `numpy.quantile` defines them.

    Shape (shares,), in the feature's unit; NaN without values.
    """
    wanted = np.asarray(shares, dtype=np.float64)
    n = cells.counts(vector).sum()
    if n == 0:
        return np.full(wanted.shape, np.nan)
    place = wanted * (n - 1)
    lower = np.floor(place)
    ranks = np.concatenate((lower, np.minimum(lower + 1, n - 1)))
    below, above = np.split(_ordered(cells, vector, ranks), 2)
    found: Floats = below + (place - lower) * (above - below)
    return found


def cdf(cells: ColumnCells, vector: Floats, at: Floats) -> Floats:
    """The share of a number's values at or below each of `at`, in its shape; NaN without any."""
    n = cells.counts(vector).sum()
    if n == 0:
        return np.full(np.shape(at), np.nan)
    shares: Floats = _below(cells, vector, np.asarray(at, dtype=np.float64), "right") / n
    return shares


def histogram(cells: ColumnCells, vector: Floats, edges: Floats) -> Floats:
    """How many values of a number lie in each bin, shape (edges - 1,); fractions of a row occur.

    An edge begins its bin. The outermost bins hold what lies beyond them, as the charts draw it.
    """
    n = cells.counts(vector).sum()
    if n == 0:
        return np.zeros(len(edges) - 1)
    under = _below(cells, vector, np.asarray(edges, dtype=np.float64), "left")
    under[0], under[-1] = 0, n
    return np.diff(under)


def category_counts(
    cells: ColumnCells, vector: Floats, novel: Mapping[str, int] | None = None
) -> "pd.Series[Any]":
    """How often each category occurs, by name; new ones not in `novel` together as `(new)`."""
    counts = cells.counts(vector)
    found = dict(zip(cells.categories, counts[:-1].tolist(), strict=True)) | dict(novel or {})
    rest = counts[-1] - sum((novel or {}).values())
    if rest > 0:
        found[NEW] = rest
    return pd.Series(found, dtype=np.float64)


def _ordered(cells: ColumnCells, vector: Floats, ranks: Floats) -> Floats:
    """The values of the given ranks, from 0 to n - 1."""
    counts = cells.counts(vector)
    ends = np.cumsum(counts)
    cell = np.searchsorted(ends, ranks, side="right")
    low, high = _stretch(cells, vector, cell)
    inside = (ranks + 0.5 - ends[cell] + counts[cell]) / counts[cell]
    found: Floats = low + inside * (high - low)
    return found


def _below(
    cells: ColumnCells, vector: Floats, at: Floats, side: Literal["left", "right"]
) -> Floats:
    """How many values are at or below each of `at` (side right), or below it (left)."""
    counts = cells.counts(vector)
    held = np.flatnonzero(counts)
    low, high = _stretch(cells, vector, held)
    before = np.concatenate(([0.0], np.cumsum(counts[held])))
    whole = np.searchsorted(high, at, side=side)
    cell = np.minimum(whole, len(held) - 1)
    width = (high - low)[cell]
    part = np.clip(at - low[cell], 0, width) / np.where(width > 0, width, 1.0)
    partial = np.where((whole < len(held)) & (width > 0), part * counts[held][cell], 0.0)
    found: Floats = before[whole] + partial
    return found


def _stretch(cells: ColumnCells, vector: Floats, which: Places) -> tuple[Floats, Floats]:
    """From where to where the values of some cells are taken to lie; none of them is empty."""
    edges = cells.edges
    last = which == len(edges)
    upper = np.where(last, np.inf, edges[np.minimum(which, len(edges) - 1)])
    lower = np.where(which == 0, -np.inf, edges[np.maximum(which, 1) - 1])
    distance = cells.sums(vector)[which] / cells.counts(vector)[which]
    middle = np.clip(np.where(last, lower + distance, upper - distance), lower, upper)
    from_below = middle - lower < upper - middle
    low = np.where(from_below, lower, 2 * middle - upper)
    high = np.where(from_below, 2 * middle - lower, upper)
    return low, high
