"""Is a version worse than the champion by more than is tolerated? The bad end must not be."""

import math
from dataclasses import dataclass

import numpy as np

from console.comparison.metrics import resamples
from console.promotion.gates.case import Judged
from console.promotion.gates.rules import Tolerance, is_lower_better


@dataclass(frozen=True)
class Worse:
    """By how much a version is worse than the champion on the same rows, in the metric's unit.

    Attributes:
        was, now: the champion's figure and the version's.
        point: by how much it is worse; below 0 it is better.
        high: the bad end of the 95 % interval of `point`; NaN where the rows cannot tell.
        limit: the tolerance.
        n: the rows.
    """

    was: float
    now: float
    point: float
    high: float
    limit: float
    n: int

    @property
    def enough(self) -> int | None:
        """Rows that would bring the bad end to the limit, if nothing else changed.

        An interval narrows with the root of the rows. None where no number of rows would do.
        """
        slack = self.limit - self.point
        if not slack > 0 or math.isnan(self.high) or self.high <= self.limit:
            return None
        return math.ceil(self.n * ((self.high - self.point) / slack) ** 2)

    def sentence(self, title: str) -> str:
        """The figures, and where only rows are lacking how many."""
        figures = (
            f"{title} is {self.now:.4g} and the champion's {self.was:.4g} on {self.n:,} rows: at"
            f" the bad end of the 95 % interval {self.high:.3g} worse, and {self.limit:.3g} is"
            " tolerated."
        )
        if math.isnan(self.high):
            return (
                f"{title} is not defined often enough on {self.n:,} rows to say how far it lies"
                " from the champion's. More rows are needed."
            )
        if self.high <= self.limit:
            return figures if self.high > 0 else f"{figures} It is better."
        if self.enough is None:
            return f"{figures} The figure itself is beyond that."
        return f"{figures} There are not enough rows to tell: about {self.enough:,} would be."


def worse(judged: Judged, metric: str, tolerance: Tolerance, seed: int = 0) -> Worse:
    """Set a version beside the champion on the same rows.

    The bad end is the 97.5th percentile of 1,000 paired resamples, so a version that is worse by
    exactly the limit passes once in forty. Source: Efron and Tibshirani (1993), "An Introduction
    to the Bootstrap", chapter 13; the question is that of a non-inferiority trial.

    Args:
        judged: the version's answers, then the champion's.

    Raises:
        Unusable: the metric is none of the version's task.
    """
    now, was = judged.figure(metric, 0), judged.figure(metric, 1)
    sign = 1.0 if is_lower_better(metric) else -1.0
    ours, theirs = (judged.metrics(place)[metric] for place in (0, 1))
    n = len(judged)
    drawn = [sign * (ours(weights) - theirs(weights)) for weights in resamples(n, seed)]
    found = np.concatenate(drawn)
    defined = found[np.isfinite(found)]
    # What is undefined in most resamples has no interval.
    high = float(np.quantile(defined, 0.975)) if 2 * len(defined) > len(found) else math.nan
    return Worse(was, now, sign * (now - was), high, tolerance.of(was), n)
