"""Does traffic follow the hour of the day? Then hours are not exchangeable, and days may be."""

from itertools import combinations

import numpy as np
from scipy import stats

from console.watching.ranks import Floats, Ints

DAYS = 3
HOURS = 24
LEAST_ROWS = 10
"""Of an hour, to be looked at."""
LEAST_HOURS = 12
"""Of a day, with so many rows, to be told."""
SIGNIFICANT = 0.001


def profiles(scores: Floats, hours: Ints) -> Floats:
    """The mean of each score in each hour, NaN where an hour has too few rows.

    Args:
        scores: shape (scores, rows).
        hours: the hour of each row, counted from the beginning of the first day: 0 to 71.

    Returns:
        shape (scores, DAYS, HOURS).
    """
    rows = np.bincount(hours, minlength=DAYS * HOURS)
    sums = np.stack([np.bincount(hours, one, minlength=DAYS * HOURS) for one in scores])
    means = np.divide(sums, rows, out=np.full(sums.shape, np.nan), where=rows >= LEAST_ROWS)
    found: Floats = means.reshape(len(scores), DAYS, HOURS)
    return found


def is_told(found: Floats) -> bool:
    """Whether there are enough hours with rows to tell a cycle from chance."""
    return bool((~np.isnan(found[0])).sum(axis=1).min() >= LEAST_HOURS)


def is_seen(found: Floats) -> bool:
    """Whether any score of `profiles` repeats from day to day, corrected for their number."""
    return bool(stats.norm.sf(repeats(found)).min() * len(found) < SIGNIFICANT)


def repeats(found: Floats) -> Floats:
    """How alike the days are, hour by hour: about standard normal where there is no cycle.

    The sum over pairs of days of the product of their hourly means, each day's own mean taken off,
    over its standard deviation if the days had nothing to do with each other. A change at one
    moment makes one day unlike itself, and not two alike.

    Args:
        found: `profiles`, shape (scores, DAYS, HOURS).

    Returns:
        shape (scores,).
    """
    common = ~np.isnan(found).any(axis=1, keepdims=True)
    kept = np.where(common, found, 0.0)
    n = common.sum(axis=2, keepdims=True)
    centred = np.where(common, kept - kept.sum(axis=2, keepdims=True) / np.maximum(n, 1), 0.0)
    norms = (centred**2).sum(axis=2)
    pairs = list(combinations(range(DAYS), 2))
    products = sum((centred[:, a] * centred[:, b]).sum(axis=1) for a, b in pairs)
    variance = sum(norms[:, a] * norms[:, b] for a, b in pairs) / np.maximum(n[:, 0, 0] - 1, 1)
    alike: Floats = np.divide(
        products, np.sqrt(variance), out=np.zeros(len(found)), where=np.asarray(variance) > 0
    )
    return alike
