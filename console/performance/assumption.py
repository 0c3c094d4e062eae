"""Does what an estimate rests on hold? Its promise for single rows against the truths that came.

Estimates carry over to new rows only while a row with given inputs comes true as often as it did:
P(truth | inputs) has stayed. Where truth is known that can be seen. Rows are grouped by what was
expected of them, and in all groups together the sum observed is compared with the sum expected
(the statistic of Hosmer and Lemeshow 1980, with Spiegelhalter's 1986 variance: that of the promise
itself, under which no curve is fitted to the rows that are tested). What was learned from a sample
is uncertain too, alike for rows alike, so the bootstrap covariance of the expected sums is added.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
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
        tolerance: an error of the expectation, alike in all rows of a group, that is no reason to
            disbelieve; of the unit of `expected`.
        slack: added to each group's variance; 1 for events, whose sums move in whole steps.
    """

    observed: Floats
    expected: Floats
    variance: Floats
    replicates: Floats
    tolerance: float
    slack: float = 0.0


@dataclass(frozen=True)
class Kept:
    """Whether a promise was kept.

    Attributes:
        p_value: of the observed sums, if it was.
        worst: the places of the rows of the group that is furthest from what was expected of it.
    """

    p_value: float
    worst: Sequence[int]


def check(promise: Promise) -> Kept:
    """Test a promise on the rows whose truth is known: at least one."""
    n = len(promise.observed)
    order = np.argsort(promise.expected, kind="stable")
    groups = np.array_split(order, min(_GROUPS, max(1, n // _GROUP_ROWS)))
    off = np.array([np.sum(promise.observed[g] - promise.expected[g]) for g in groups])
    spread = np.array([promise.variance[g].sum() for g in groups]) + promise.slack
    spread += (promise.tolerance * np.array([len(g) for g in groups])) ** 2
    learned = np.atleast_2d(
        np.cov(np.array([promise.replicates[:, g].sum(axis=1) for g in groups]))
    )
    whole = learned + np.diag(np.maximum(spread, np.finfo(np.float64).tiny))
    statistic = float(off @ np.linalg.solve(whole, off))
    worst = groups[int(np.argmax(np.abs(off) / np.sqrt(np.diag(whole))))]
    return Kept(float(stats.chi2.sf(statistic, len(groups))), [int(place) for place in worst])
