"""How many truths are enough to see a change, and when they will be there."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from console.performance.results import Figure
from console.windows import DAY, HOUR, MINUTE

SMALLEST_SHARE = 0.05
"""A change of accuracy that should be seen."""
SMALLEST_LOSS = 0.1
"""A change of a mean loss that should be seen, in standard deviations of the loss."""
POWER = 0.8
LEVEL = 0.05
HORIZON = 3 * 365 * DAY
"""How far ahead a moment is looked for."""
Floats = NDArray[np.float64]


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
    """How many truths show a change of the first metric with 80 % power, at the 5 % level.

    Of accuracy 0.05, of a mean loss 0.1 of its standard deviation. The held-out figure is uncertain
    too: where its rows are so few that no number of truths would do, the change is the one that as
    many truths as held-out rows show.

    Args:
        expected: the first metric on the held-out rows.
        sd: the standard deviation of the loss on them; of a share it is not used.

    Source: the two-sided test of two means with normal errors, Fleiss, Levin and Paik (2003),
    "Statistical Methods for Rates and Proportions", section 4.2, for samples of any two sizes.
    """
    if expected.value is None or expected.n < 2:
        return Needed(None, None)
    is_share = expected.metric.unit == "share"
    was = expected.value * (1 - expected.value) if is_share else sd**2
    z = float(stats.norm.ppf(1 - LEVEL / 2) + stats.norm.ppf(POWER))
    smallest = SMALLEST_SHARE if is_share else SMALLEST_LOSS * sd
    change = max(smallest, z * float(np.sqrt(2 * was / expected.n)))
    if is_share:
        worse = max(expected.value - change, 0.0)
        # The spread of a share grows towards a half; the greater one is the careful choice.
        now = max(worse * (1 - worse), was)
    else:
        now = was
    left = (change / z) ** 2 - was / expected.n if change > 0 else 0.0
    if left <= 0 or now <= 0:
        return Needed(None, None)
    return Needed(int(np.ceil(now / left - 1e-6)), change)


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
