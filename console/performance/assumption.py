"""Does what an estimate rests on hold? Its promise for single rows against the truths that came.

Estimates carry over to new rows only while a row with given inputs comes true as often as it did:
P(truth | inputs) has stayed. Where truth is known that can be seen. Rows are grouped by their score
or answer, and again by regions of their inputs; in all groups together the sum observed is compared
with the sum expected (the statistic of Hosmer and Lemeshow 1980, with the variance of Spiegelhalter
1986: that of the promise itself, as no curve is fitted to the rows that are tested). What was
learned from a sample is uncertain too, alike for rows alike, so the covariance of the expected sums
over its replicates is added.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from console.drift.statistics import Floats

LEVEL = 0.01
LEAST_ROWS = 50
_GROUPS, _GROUP_ROWS = 5, 40


@dataclass(frozen=True)
class Promise:
    """What was expected of n rows, and what came.

    Attributes:
        observed, expected: of each row, shape (n,): an event 0 or 1 and its probability, or a loss
            and its mean.
        variance: of a row's observed value about the expected one if the promise holds.
        replicates: of `expected`, learned again from bootstrap weights, shape (replicates, n).
        order: what to group the rows by, shape (n,): not `expected`, whose extremes are also those
            of its noise.
        regions: other groups of the rows, numbered, shape (n,).
        tolerance: an error of the expectation, alike in all rows of a group, that is no reason to
            disbelieve; of the unit of `expected`.
        slack: added to each group's variance; 1 for events, whose sums move in whole steps.
    """

    observed: Floats
    expected: Floats
    variance: Floats
    replicates: Floats
    order: Floats
    regions: NDArray[np.int64]
    tolerance: float
    slack: float = 0.0


@dataclass(frozen=True)
class Kept:
    """Whether a promise was kept.

    Attributes:
        p_value: of the observed sums, if it was.
        worst: the places of the rows of the group that is furthest from what was expected of it.
        by_order: whether that group is one of `order`, else it is one of `regions`.
    """

    p_value: float
    worst: NDArray[np.int64]
    by_order: bool


def check(promise: Promise) -> Kept:
    """Test a promise on the rows whose truth is known: at least one."""
    ordered, regions = _groups(promise)
    groups = ordered + regions
    member = np.array([np.isin(np.arange(len(promise.observed)), group) for group in groups], float)
    off = member @ (promise.observed - promise.expected)
    spread = (
        member @ promise.variance + promise.slack + (promise.tolerance * member.sum(axis=1)) ** 2
    )
    learned = np.atleast_2d(np.cov(member @ promise.replicates.T))
    # Rows that two groups share vary together.
    shared = (member * promise.variance) @ member.T
    whole = learned + shared + np.diag(spread - np.diag(shared))
    whole += np.diag(np.full(len(groups), np.finfo(np.float64).tiny))
    # All regions together are all rows, as all other groups are: one says nothing new.
    told = np.arange(len(groups) - 1 if len(regions) > 1 else len(groups))
    some = whole[np.ix_(told, told)]
    statistic = float(off[told] @ np.linalg.solve(some, off[told]))
    worst = int(np.argmax(np.abs(off) / np.sqrt(np.diag(whole))))
    p_value = float(stats.chi2.sf(statistic, len(told)))
    return Kept(p_value, groups[worst], worst < len(ordered))


def _groups(promise: Promise) -> tuple[list[NDArray[np.int64]], list[NDArray[np.int64]]]:
    """Places of the rows of each group: by order, and by region where that has rows enough."""
    n = len(promise.observed)
    order = np.argsort(promise.order, kind="stable")
    ordered = np.array_split(order, min(_GROUPS, max(1, n // _GROUP_ROWS)))
    regions = [np.flatnonzero(promise.regions == one) for one in np.unique(promise.regions)]
    kept = [region for region in regions if len(region) >= _GROUP_ROWS]
    return ordered, kept if len(kept) > 1 else []
