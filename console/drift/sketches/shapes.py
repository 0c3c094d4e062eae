"""What a verdict's sentences need of a column, read from its sketch: counts, median, quantiles.

Inside a cell a number's values are taken as spread evenly over the longest stretch that ends at
one of the cell's edges and has their mean, which is exact. So medians are exact where a value has
a cell of its own, and elsewhere off by less than a cell, which holds at most 1/600 of the
reference.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from console.drift.sketches.cells import ColumnCells
from console.drift.statistics import Floats

Places = NDArray[np.int64]


def rows(vector: Floats) -> int:
    """The rows behind a vector, those without a value too."""
    return int(vector[0])


def count(vector: Floats) -> int:
    """The values behind a vector: rows less the missing."""
    return int(vector[0] - vector[1])


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


def _ordered(cells: ColumnCells, vector: Floats, ranks: Floats) -> Floats:
    """The values of the given ranks, from 0 to n - 1."""
    counts = cells.counts(vector)
    ends = np.cumsum(counts)
    cell = np.searchsorted(ends, ranks, side="right")
    low, high = _stretch(cells, vector, cell)
    inside = (ranks + 0.5 - ends[cell] + counts[cell]) / counts[cell]
    found: Floats = low + inside * (high - low)
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
