"""How many truths are enough to see a change, and when they will be there."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, stats

from console.drift.decisions.intervals import Z, wilson
from console.performance.realized import FEWEST
from console.performance.results import Figure
from console.windows import DAY, HOUR, MINUTE

SMALLEST_SHARE = 0.05
"""A change of accuracy that should be seen."""
SMALLEST_LOSS = 0.1
"""A change of a mean loss that should be seen, in standard deviations of the loss."""
POWER = 0.8
_Z_POWER = float(stats.norm.ppf(POWER))
HORIZON = 3 * 365 * DAY
"""How far ahead a moment is looked for."""
Floats = NDArray[np.float64]
Margin = Callable[[float, float], float]


@dataclass(frozen=True)
class Needed:
    """How many truths show a change of the first metric.

    Attributes:
        n: rows with truth; None where it cannot be said.
        change: that they show with 80 % power, in the metric's unit; None likewise.
    """

    n: int | None
    change: float | None


@dataclass(frozen=True)
class Arrivals:
    """The rows whose truths are waited for.

    Attributes:
        pending: when the window's rows without truth were asked (UTC µs), or a random part.
        weight: how many rows of the window each of them stands for.
        n_known: truths that are there.
        per_us: rows that keep being asked, for each microsecond from `newest` on.
        newest: the newest moment that the log knows of (UTC µs).
        end: of the window (UTC µs).
    """

    pending: Floats
    weight: float
    n_known: int
    per_us: float
    newest: int
    end: int


def needed(expected: Figure, sd: float) -> Needed:
    """How many truths show a change of the first metric with 80 % power, by the rule of `against`.

    Two 95 % intervals that do not meet: that takes more rows than one test at the 5 % level. Of
    accuracy 0.05 is looked for, of a mean loss 0.1 of its standard deviation. The held-out figure
    is uncertain too: where its rows are so few that it would take more truths than they are, the
    change is the one that as many truths as held-out rows show.

    Args:
        expected: the first metric on the held-out rows.
        sd: the standard deviation of the loss on them; of a share it is not used.

    Source: the power of two intervals that shall not meet, Schenker and Gentleman (2001), "On
    Judging the Significance of Differences by Examining the Overlap Between Confidence Intervals",
    The American Statistician 55, section 3, solved for the size of the second sample.
    """
    if expected.value is None or expected.n < 2:
        return Needed(None, None)
    is_share = expected.metric.unit == "share"
    margin = _of_share(expected) if is_share else _of_mean(expected, sd)
    smallest, most = (SMALLEST_SHARE, expected.value) if is_share else (SMALLEST_LOSS * sd, 9 * sd)
    if most <= smallest or margin(most, expected.n) < 0:
        return Needed(None, None)
    change = smallest
    if margin(smallest, expected.n) < 0:
        change = float(optimize.brentq(margin, smallest, most, args=(expected.n,)))
    if margin(change, FEWEST) >= 0:
        return Needed(FEWEST, change)
    n = optimize.brentq(lambda rows: margin(change, rows), FEWEST, max(expected.n, FEWEST) + 1)
    return Needed(int(np.ceil(n - 1e-3)), change)


def _of_mean(expected: Figure, sd: float) -> Margin:
    """By how much two intervals of a mean loss miss each other, with the power that is asked."""

    def margin(change: float, n: float) -> float:
        before, after = sd / np.sqrt(expected.n), sd / np.sqrt(n)
        return float(change - Z * (before + after) - _Z_POWER * np.hypot(before, after))

    return margin


def _of_share(expected: Figure) -> Margin:
    """The same for two shares, with Wilson's intervals."""
    share = float(expected.value or 0.0)
    end = float(wilson(share, expected.n)[0])

    def margin(change: float, n: float) -> float:
        worse = share - change
        spread = np.sqrt(share * (1 - share) / expected.n + worse * (1 - worse) / n)
        return float(end - wilson(worse, n)[1] - _Z_POWER * spread)

    return margin


def decidable(found: pd.DataFrame, wanted: int, coming: Arrivals) -> int | None:
    """When so many truths will be there (UTC µs), if rows and truths keep coming as they do.

    Rows that wait get their truth as the curve says of rows of their age, later ones as it says of
    rows from the start; beyond the longest delay that was seen nothing more is expected. None if
    that is never, or more than three years away.
    """
    if coming.n_known >= wanted:
        return coming.end
    if found.empty:
        return None
    steps = found["delay_hours"].to_numpy() * HOUR, found["share"].to_numpy()
    low, high = coming.newest, coming.newest + HORIZON
    if _known_at(high, steps, coming) < wanted:
        return None
    while high - low > MINUTE:
        middle = (low + high) // 2
        if _known_at(middle, steps, coming) >= wanted:
            high = middle
        else:
            low = middle
    return high


def _known_at(moment: int, steps: tuple[Floats, Floats], coming: Arrivals) -> float:
    """How many truths are expected to be known at a moment."""
    newest = float(coming.newest)
    now, then = (_share(steps, at - coming.pending) for at in (newest, float(moment)))
    waiting = np.divide(then - now, 1 - now, out=np.zeros_like(now), where=now < 1)
    delays, shares = steps
    # Each step of the curve is reached by the rows asked since, up to so long ago.
    rises = np.diff(shares, prepend=0.0)
    fresh = float(np.sum(rises * np.maximum(moment - newest - delays, 0.0))) * coming.per_us
    return coming.n_known + coming.weight * float(waiting.sum()) + fresh


def _share(steps: tuple[Floats, Floats], ages: Floats) -> Floats:
    delays, shares = steps
    places = np.searchsorted(delays, ages, side="right") - 1
    found: Floats = np.where(places >= 0, shares[np.maximum(places, 0)], 0.0)
    return found
