"""Is a version worse than the champion by more than is tolerated? The bad end must not be."""

import math
from dataclasses import dataclass

import numpy as np

from console.comparison.answers import Answers, events
from console.comparison.by_label import by_label
from console.comparison.cautious import FEWEST_UNLIKE
from console.comparison.chosen import TRUTH
from console.comparison.metrics import error_by_chance, resamples
from console.comparison.paired import MOST_NEEDED
from console.comparison.spread import ends
from console.promotion.gates.case import Judged
from console.promotion.gates.rules import Tolerance, is_lower_better

FEWEST = {"log_loss": 200, "brier": 100, "calibration_error": 100, "rmse": 100, "r2": 100}
"""Rows for a metric that a few surprises decide: of fewer no resample knows how bad they are."""
_MANY_VALUES = 12
"""So many different answers, each the same from both, are no chance."""


@dataclass(frozen=True)
class Worse:
    """By how much a version is worse than the champion on the same rows, in the metric's unit.

    Attributes:
        was, now: the champion's figure and the version's.
        point: by how much it is worse; below 0 it is better.
        high: the bad end of the 95 % interval of `point`; NaN where the rows cannot tell.
        limit: the tolerance.
        n: the rows.
        enough: about how many rows would bring the bad end to the limit, if nothing else changed;
            None where none would, or they are enough.
        is_better: whether the rows bear out that it is better.
        reason: why the rows cannot tell; empty where they can.
    """

    was: float
    now: float
    point: float
    high: float
    limit: float
    n: int
    enough: int | None = None
    is_better: bool = False
    reason: str = ""

    def sentence(self, title: str) -> str:
        """The figures, and where only rows are lacking how many."""
        figures = (
            f"{title} is {self.now:.4g} and the champion's {self.was:.4g} on {self.n:,} rows: at"
            f" the bad end of the 95 % interval {self.high:.3g} worse, and {self.limit:.3g} is"
            " tolerated."
        )
        if math.isnan(self.high):
            return self._untold(title)
        if self.high <= self.limit:
            return f"{figures} It is better." if self.is_better else figures
        if self.enough is not None:
            return f"{figures} There are not enough rows to tell: about {self.enough:,} would be."
        if self.point > self.limit:
            return f"{figures} The figure itself is beyond that."
        return (
            f"{figures} There are not enough rows to tell, and no number of rows like these would"
            " be: a tolerance that close to the figure asks for a version that is better."
        )

    def _untold(self, title: str) -> str:
        if not self.reason:
            return (
                f"{title} is not defined often enough on {self.n:,} rows to say how far it lies"
                " from the champion's. More rows are needed."
            )
        return (
            f"{title} is {self.now:.4g} and the champion's {self.was:.4g} on {self.n:,} rows, and"
            f" there are not enough rows to tell how far apart they are: {self.reason}."
        )


def worse(judged: Judged, metric: str, tolerance: Tolerance, seed: int = 0) -> Worse:
    """Set a version beside the champion on the same rows.

    Of a metric of labels the bad end is that of `by_label.ByLabel.ends`, of others that of
    `spread.ends` over 1,000 paired resamples. The question is that of a non-inferiority trial: a
    version that is worse by exactly the limit should pass once in forty. How often it does was
    simulated: see docs/gates.md.

    Args:
        judged: the version's answers, then the champion's.

    Raises:
        Unusable: the metric is none of the version's task.
    """
    now, was = judged.figure(metric, 0), judged.figure(metric, 1)
    sign = 1.0 if is_lower_better(metric) else -1.0
    limit, n, point = tolerance.of(was), len(judged), sign * (now - was)
    if not math.isfinite(point):
        return Worse(was, now, point, math.nan, limit, n)
    ours, theirs = judged.answers
    labels = by_label(metric, judged.signature, judged.frame[TRUTH], theirs, ours)
    if labels is not None:
        high = labels.ends()[1]
        enough = labels.enough(limit, MOST_NEEDED) if high > limit else None
        better = high < 0 and labels.is_borne_out
        return Worse(was, now, point, high, limit, n, enough, better)
    reason = _untellable(metric, ours, theirs, n)
    if reason:
        return Worse(was, now, point, math.nan, limit, n, reason=reason)
    figures = judged.metrics(0)[metric], judged.metrics(1)[metric]
    drawn = [sign * (figures[0](each) - figures[1](each)) for each in resamples(n, seed)]
    high = ends(np.concatenate(drawn), point, n)[1]
    if metric == "calibration_error":
        # Chance raises the champion's too, and the more the better it is calibrated.
        high += error_by_chance(events(judged.signature, judged.frame[TRUTH], theirs)[0])
    return Worse(was, now, point, high, limit, n, _enough(point, high, limit, n), high < 0)


def _untellable(metric: str, ours: Answers, theirs: Answers, n: int) -> str:
    """Why so few rows, or rows that differ, cannot tell in a metric of scores or values."""
    least = FEWEST.get(metric, 0)
    if n < least:
        return f"a few rows decide it, and fewer than {least:,} seldom hold them"
    sides = (ours.shares, theirs.shares) if ours.labels else (ours.values, theirs.values)
    unlike = sides[0] != sides[1]
    differ = int((unlike.any(axis=1) if unlike.ndim > 1 else unlike).sum())
    many = len(np.unique(sides[0])) >= _MANY_VALUES
    if differ >= FEWEST_UNLIKE or (differ == 0 and many):
        return ""
    rows = "none differs" if not differ else f"only {differ} differ{'s' * (differ == 1)}"
    return f"of the two versions' answers {rows}, and {FEWEST_UNLIKE} are the fewest that tell"


def _enough(point: float, high: float, limit: float, n: int) -> int | None:
    """Rows that would bring the bad end to the limit: an interval narrows with their root."""
    slack = limit - point
    if not slack > 0 or math.isnan(high) or high <= limit:
        return None
    rows = n * ((high - point) / slack) ** 2
    return math.ceil(rows) if rows <= MOST_NEEDED else None
