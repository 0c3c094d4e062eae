"""Intervals for shares: Wilson's, and what is left of the rows where they are not independent."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Z = 1.959964  # the 97.5th percentile of the standard normal distribution

Floats = NDArray[np.float64]


def wilson(shares: Any, n: Any, z: float = Z) -> tuple[Floats, Floats]:
    """The interval of each share; it holds near 0 and 1 and for few rows too.

    Args:
        shares: in [0, 1], of any shape.
        n: the rows behind each, more than 0; need not be whole (see `effective_rows`).
        z: standard deviations; 1.96 gives 95 %.

    Returns:
        Lower and upper ends, in [0, 1], of the shape of `shares`.

    Source: Wilson (1927), "Probable Inference, the Law of Succession, and Statistical Inference",
    Journal of the American Statistical Association 22.
    """
    share, rows = np.asarray(shares, dtype=np.float64), np.asarray(n, dtype=np.float64)
    middle = (share + z**2 / (2 * rows)) / (1 + z**2 / rows)
    reach = z * np.sqrt(share * (1 - share) / rows + z**2 / (4 * rows**2)) / (1 + z**2 / rows)
    return np.clip(middle - reach, 0.0, share), np.clip(middle + reach, share, 1.0)


def effective_rows(share: float, n: int, groups: Floats) -> float:
    """How many independent rows would give a share as certain as this one, `n` at most.

    The same figure, computed anew in each of k random groups of the rows, varies as its own
    estimate would with n/k rows; a k-th of that variance is the variance of the whole. Wilson's
    interval for the rows that are left holds the truth as often as it says; k - 1 degrees of
    freedom are allowed for.

    Args:
        share: of all rows, in [0, 1].
        n: the rows.
        groups: the share in each of k ≥ 2 groups of about n/k rows.

    Source: random groups: Wolter (2007), "Introduction to Variance Estimation", chapter 2;
    Wilson's interval with effective rows: Korn and Graubard (1998), "Confidence Intervals for
    Proportions with Small Expected Number of Positive Counts", Survey Methodology 24, and Dean and
    Pagano (2015), Journal of Survey Statistics and Methodology 3.
    """
    variance = float(np.var(groups, ddof=1)) / len(groups)
    if variance == 0 or share in (0.0, 1.0):
        return float(n)
    slack = Z / float(stats.t.ppf(0.975, len(groups) - 1))
    return min(float(n), max(1.0, share * (1 - share) / variance * slack**2))
