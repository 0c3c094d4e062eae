"""Where the cells of a number lie, in which summaries count it: chosen once from the reference."""

from itertools import pairwise

import numpy as np

from console.drift.statistics import Counts, Floats

# No cell holds more than 1 / CELLS of the reference, so much at most is the Kolmogorov-Smirnov
# distance of two sketches below that of the rows.
CELLS = 600
# The weight of a cell (see `edges_of`), in reference standard deviations.
TOLERANCE = 0.0016
# Numbers beyond it are taken as it, so that no sum of them overflows.
LARGEST = 1e290


def edges_of(values: Floats, deciles: Floats, deviation: float, low: float, high: float) -> Floats:
    """The edges between the cells of a column, ascending, without repetition, at least one.

    Args:
        values: the reference's values, ascending, without missing ones; may be empty.
        deciles: they become edges, so that the population stability index on them is exact.
        deviation: the reference's standard deviation, 0 where it is constant.
        low, high: the range known from training and reference; what lies in the first or the
            last cell is out of it, and no value of the reference is.

    A cell holds at most a share of 1/CELLS of the reference, or one row, beside the ties of its
    upper edge: by so much can the difference D of two distribution functions exceed inside a cell
    what it is at the edges. And it has at most the weight ∫ min(F, 1 - F) = TOLERANCE standard
    deviations: where D changes its sign inside a cell of width w, an area of at most
    2 w min(F, 1 - F) hides. This keeps cells narrow where few values lie far apart, in tails and
    in gaps. All weight together is the mean distance from the median, at most one standard
    deviation, so it never asks for more than 1/TOLERANCE cells.

    Of a reference with at most CELLS different values each is an edge. A value that makes up more
    than 1/CELLS of a reference gets a second edge at the number just below it, and so a cell of
    its own: a jump of the distribution function there is known from both sides.
    """
    bounds = np.array([np.nextafter(low, -np.inf), high])
    if not len(values):
        return _ordered(bounds)
    distinct, first = np.unique(values, return_index=True)
    counts = np.diff(first, append=len(values))
    often = distinct[CELLS * counts > len(values)]
    known = distinct if len(distinct) <= CELLS else often
    even = _evenly(distinct, counts, deviation)
    return _ordered(np.concatenate((bounds, deciles, known, np.nextafter(often, -np.inf), even)))


def _evenly(distinct: Floats, counts: Counts, deviation: float) -> list[float]:
    """Edges between which neither the rows nor the weight exceed what a cell may hold."""
    if not deviation > 0:
        return []
    n = int(counts.sum())
    most = max(n // CELLS, 1)
    shares = np.cumsum(counts)[:-1] / n
    weights = np.minimum(shares, 1 - shares) * np.diff(distinct) / (TOLERANCE * deviation)
    edges: list[float] = []
    rows, held = 0, 0.0
    steps = zip(pairwise(distinct.tolist()), counts[1:].tolist(), weights.tolist(), strict=True)
    for (value, following), count, weight in steps:
        if rows + count > most or held + weight > 1:
            edges.append(value)
            rows, held = 0, 0.0
        if weight > 1:
            edges += np.linspace(value, following, int(weight) + 1, endpoint=False)[1:].tolist()
        rows, held = rows + count, min(held + weight, 1.0)
    return edges


def _ordered(edges: Floats) -> Floats:
    ordered: Floats = np.unique(np.clip(edges, -LARGEST, LARGEST))
    return ordered
