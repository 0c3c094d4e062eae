"""Where the cells of a number lie, in which summaries count it: chosen once from the reference."""

from typing import Any

import numpy as np

from console.drift.statistics import Floats

# Cells of equal mass: they bound the error of the Kolmogorov-Smirnov distance by 1 / CELLS.
CELLS = 600
# Cells of equal weight: they bound the error of the Wasserstein distance (see `edges_of`).
WEIGHT_CELLS = 250
# Numbers beyond it are taken as it, so that no sum of them overflows.
LARGEST = 1e290


def edges_of(values: Floats, deciles: Floats, low: float, high: float) -> Floats:
    """The edges between the cells of a column, ascending, without repetition, at least one.

    Args:
        values: the reference's values, ascending, without missing ones; may be empty.
        deciles: they become edges, so that the population stability index on them is exact.
        low, high: the range known from training and reference; what lies in the first or the
            last cell is out of it, and no value of the reference is.

    Of a reference with at most `CELLS` different values each is an edge. Of others the edges are

    - the order statistics at the shares 1/CELLS, 2/CELLS, …: no cell holds more of the reference
      than it must, which bounds what a difference of distribution functions does inside a cell;
    - WEIGHT_CELLS quantiles of the weight H(x) = ∫ min(F, 1 - F) up to x. A window that crosses
      the reference's F inside a cell of width w hides an area of at most 2 w min(F, 1 - F), so
      cells of equal weight share that error out evenly: to tails and to gaps, where few values
      lie far apart. The total weight is the mean distance from the median, at most one standard
      deviation, so 2 / WEIGHT_CELLS deviations bound the error of one crossing.

    A value that makes up at least 1/CELLS of the reference (every one, where all are edges) gets
    a second edge at the number just below it: a cell of its own, so that a jump of the
    distribution function there is known from both sides.
    """
    bounds = np.array([np.nextafter(low, -np.inf), high])
    if not len(values):
        return _ordered(bounds)
    distinct, first = np.unique(values, return_index=True)
    counts = np.diff(first, append=len(values))
    if len(distinct) <= CELLS:
        known = jumps = distinct
    else:
        ranks = -(-np.arange(1, CELLS) * len(values) // CELLS) - 1
        jumps = distinct[counts * CELLS >= len(values)]
        known = np.concatenate((values[ranks], jumps))
    below = np.nextafter(jumps, -np.inf)
    even = _of_equal_weight(distinct, np.cumsum(counts) / len(values))
    return _ordered(np.concatenate((bounds, deciles, known, below, even)))


def _of_equal_weight(distinct: Floats, shares: Floats) -> Floats:
    weight = np.minimum(shares, 1 - shares)[:-1] * np.diff(distinct)
    total = np.concatenate(([0.0], np.cumsum(weight)))
    wanted = np.linspace(0, total[-1], WEIGHT_CELLS + 1)[1:-1]
    return np.interp(wanted, total, distinct)


def _ordered(edges: Any) -> Floats:
    ordered: Floats = np.unique(np.clip(edges, -LARGEST, LARGEST))
    return ordered
