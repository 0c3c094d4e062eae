"""Differences of two groups of rows that are not the same: of shares and of means."""

from dataclasses import dataclass
from math import hypot, sqrt
from typing import Final

import numpy as np
from scipy import stats

from console.drift.decisions.intervals import Z, wilson
from console.drift.statistics import Floats
from console.performance.results import Metric
from console.performance.sentences import size
from console.promotion.probation.results import Status

SURE: Final = 3.0
"""Standard errors beyond which a difference counts where it is looked at again and again: one look
in 740 at no difference goes beyond them, on either side."""


@dataclass(frozen=True)
class Difference:
    """After minus before.

    Attributes:
        value: in the unit of what is compared.
        low, high: its 95 % interval.
        sure_low, sure_high: its interval of `SURE` standard errors.
    """

    value: float
    low: float
    high: float
    sure_low: float
    sure_high: float


def of_shares(before: int, n_before: int, after: int, n_after: int) -> Difference:
    """The difference of two shares: `after` of `n_after` rows minus `before` of `n_before`.

    Args:
        n_before, n_after: 1 or more.

    Source: Newcombe (1998), "Interval estimation for the difference between independent
    proportions", Statistics in Medicine 17, method 10: from both Wilson intervals.
    """
    was, now = before / n_before, after / n_after
    ends = []
    for z in (Z, SURE):
        was_low, was_high = (float(end) for end in wilson(was, n_before, z))
        now_low, now_high = (float(end) for end in wilson(now, n_after, z))
        ends.append(now - was - hypot(now - now_low, was_high - was))
        ends.append(now - was + hypot(now_high - now, was - was_low))
    return Difference(now - was, *ends)


def of_means(before: Floats, after: Floats) -> Difference:
    """The difference of two means of independent rows, whatever their spreads.

    Args:
        before, after: 2 values or more each.

    Source: Welch (1947), "The generalization of Student's problem when several different
    population variances are involved", Biometrika 34; degrees of freedom by Satterthwaite (1946).
    """
    parts = [float(np.var(values, ddof=1)) / len(values) for values in (before, after)]
    value = float(after.mean() - before.mean())
    variance = sum(parts)
    if variance == 0:
        return Difference(value, value, value, value, value)
    freedom = variance**2 / sum(
        part**2 / (len(values) - 1) for part, values in zip(parts, (before, after), strict=True)
    )
    ends = []
    for z in (Z, SURE):
        reach = float(stats.t.ppf(stats.norm.cdf(z), freedom)) * sqrt(variance)
        ends += [value - reach, value + reach]
    return Difference(value, *ends)


def widened(value: float, low: float, high: float) -> Difference:
    """A difference whose 95 % interval is known, with one of `SURE` standard errors."""
    factor = SURE / Z
    return Difference(
        value, low, high, value - factor * (value - low), value + factor * (high - value)
    )


def status_of(found: Difference, smallest: float) -> Status:
    """What a difference of losses says: `same` when a change that matters would have shown.

    Args:
        found: a rise is worse.
        smallest: the change that matters, in its unit.
    """
    if found.sure_low > 0:
        return "worse"
    if found.sure_high < 0:
        return "better"
    return "same" if found.high < smallest else "unknown"


def word(status: Status, metric: Metric, found: Difference) -> str:
    """What a difference of losses says, for the end of a sentence."""
    if status == "same":
        return "no worse by as much as would matter"
    if status == "unknown":
        return "too few rows to tell yet"
    low, high = sorted((abs(found.low), abs(found.high)))
    by = size(metric, abs(found.value))
    return f"{status} by {by} ({size(metric, low)} to {size(metric, high)})"
