"""What charts need of a column, read from its sketch: mean, quantiles, histogram, counts.

Inside a cell a number's values are taken as spread evenly over the longest stretch that ends at
one of the cell's edges and has their mean, which is exact. So medians and bars are exact where a
value has a cell of its own, and elsewhere off by less than a cell, which holds at most 1/600 of
the reference.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from console.drift.cells import ColumnCells
from console.drift.statistics import Floats

NEW = "(new)"


def rows(vector: Floats) -> int:
    """The rows behind a vector, those without a value too."""
    return int(vector[0])


def count(vector: Floats) -> int:
    """The values behind a vector: rows less the missing."""
    return int(vector[0] - vector[1])


def mean(cells: ColumnCells, vector: Floats) -> float:
    """The mean of a number, exact to rounding; NaN without values."""
    spread = _spread(cells, vector)
    if not len(spread.counts):
        return float("nan")
    centre = spread.low[0]
    middles = (spread.low - centre) / 2 + (spread.high - centre) / 2
    return float(centre + np.average(middles, weights=spread.counts))


def median(cells: ColumnCells, vector: Floats) -> float:
    """The median of a number; NaN without values."""
    return float(quantiles(cells, vector, [0.5])[0])


def quantiles(cells: ColumnCells, vector: Floats, shares: "Sequence[float] | Floats") -> Floats:
    """The quantiles of a number at shares in [0, 1], as `numpy.quantile` defines them.

    Shape (shares,), in the feature's unit; NaN without values.
    """
    spread = _spread(cells, vector)
    n = spread.counts.sum()
    wanted = np.asarray(shares, dtype=np.float64)
    if n == 0:
        return np.full(wanted.shape, np.nan)
    place = wanted * (n - 1)
    lower = np.floor(place)
    below, above = spread.ordered(lower), spread.ordered(np.minimum(lower + 1, n - 1))
    found: Floats = below + (place - lower) * (above - below)
    return found


def cdf(cells: ColumnCells, vector: Floats, at: Floats) -> Floats:
    """The share of a number's values at or below each of `at`, in its shape; NaN without any."""
    spread = _spread(cells, vector)
    n = spread.counts.sum()
    return spread.below(np.asarray(at), "right") / n if n else np.full(np.shape(at), np.nan)


def histogram(cells: ColumnCells, vector: Floats, edges: Floats) -> Floats:
    """How many values of a number lie in each bin, shape (edges - 1,); fractions of a row occur.

    An edge begins its bin. The outermost bins hold what lies beyond them, as the charts draw it.
    """
    spread = _spread(cells, vector)
    under = spread.below(np.asarray(edges, dtype=np.float64), "left")
    under[0], under[-1] = 0, spread.counts.sum()
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


@dataclass(frozen=True)
class _Spread:
    """The cells that hold values: each holds `counts`, spread evenly from `low` to `high`."""

    low: Floats
    high: Floats
    counts: Floats

    def ordered(self, ranks: Floats) -> Floats:
        """The values of the given ranks, from 0 to n - 1."""
        ends = np.cumsum(self.counts)
        cell = np.searchsorted(ends, ranks, side="right")
        inside = (ranks + 0.5 - (ends - self.counts)[cell]) / self.counts[cell]
        found: Floats = self.low[cell] + inside * (self.high - self.low)[cell]
        return found

    def below(self, at: Floats, side: Any) -> Floats:
        """How many values are at or below each of `at` (side right), or below it (left)."""
        before = np.concatenate(([0.0], np.cumsum(self.counts)))
        whole = np.searchsorted(self.high, at, side=side)
        cell = np.minimum(whole, len(self.counts) - 1)
        width = (self.high - self.low)[cell]
        part = np.clip((at - self.low[cell]) / np.where(width > 0, width, 1.0), 0, 1)
        partial = np.where((whole < len(self.counts)) & (width > 0), part * self.counts[cell], 0.0)
        found: Floats = before[whole] + partial
        return found


def _spread(cells: ColumnCells, vector: Floats) -> _Spread:
    counts, sums, edges = cells.counts(vector), cells.sums(vector), cells.edges
    held = np.flatnonzero(counts)
    last = held == len(edges)
    upper = edges[np.minimum(held, len(edges) - 1)]
    lower = np.where(held == 0, -np.inf, edges[np.maximum(held - 1, 0)])
    upper, lower = np.where(last, np.inf, upper), np.where(last, edges[-1], lower)
    distance = sums[held] / counts[held]
    middle = np.where(last, lower + distance, upper - distance)
    middle = np.clip(middle, lower, upper)
    from_below = last | ((held > 0) & (middle - lower < upper - middle))
    low = np.where(from_below, lower, 2 * middle - upper)
    high = np.where(from_below, 2 * middle - lower, upper)
    return _Spread(low, high, counts[held])
