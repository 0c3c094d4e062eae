"""How long truth takes to come, and when enough of it will be there to decide."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from console.drift.decisions.intervals import Z, wilson
from console.performance.enough import Arrivals, Needed, decidable, needed
from console.performance.results import Figure, Maturity, Metric
from console.performance.sentences import duration, size
from console.windows import HOUR, MINUTE, utc

_POINTS = 200
Floats = NDArray[np.float64]
_COLUMNS = ["delay_hours", "share", "low", "high"]


def curve(delays: pd.DataFrame, newest: int) -> pd.DataFrame:
    """The share of answered rows whose truth is known after a delay.

    A row without truth may still get it: it is censored at its age, so that rows asked an hour
    ago say nothing about days. A truth that was corrected counts with the time of the correction,
    as the log keeps that alone, so corrections make truths look later than they came.

    Args:
        delays: `at`, and `told_at` (UTC µs; NaN where no truth is known), a row a prediction.
        newest: the newest moment that the log knows of (UTC µs).

    Returns:
        `delay_hours` ascending from 0 to the longest that was watched, where the curve rises, 200
        at most; `share`, `low`, `high` (95 %) in [0, 1].
        Empty without rows.

    Source: Kaplan and Meier (1958), "Nonparametric Estimation from Incomplete Observations",
    Journal of the American Statistical Association 53; the interval is Greenwood's on the scale
    of ln(-ln) (Kalbfleisch and Prentice 1980, section 1.4).
    """
    if delays.empty:
        return pd.DataFrame(columns=_COLUMNS, dtype=np.float64)
    told = delays["told_at"].to_numpy(dtype=np.float64)
    ends = np.where(np.isnan(told), float(newest), told)
    waited = np.maximum(ends - delays["at"].to_numpy(dtype=np.float64), 0) / HOUR
    found = stats.ecdf(stats.CensoredData.right_censored(waited, np.isnan(told))).cdf
    hours, shares = found.quantiles, found.probabilities
    low, high = _greenwood(hours, shares, waited, ~np.isnan(told))
    frame = pd.DataFrame(np.column_stack([hours, shares, low, high]), columns=_COLUMNS)
    if hours[0] > 0:
        start = pd.DataFrame([(0.0, 0.0, 0.0, 0.0)], columns=_COLUMNS)
        frame = pd.concat([start, frame], ignore_index=True)
    return _thinned(frame)


def _greenwood(
    hours: Floats, shares: Floats, waited: Floats, told: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """The interval of each step; Wilson's where all or none are known, where it has none."""
    ordered = np.sort(waited)
    at_risk = len(waited) - np.searchsorted(ordered, hours, side="left")
    events = np.bincount(np.searchsorted(hours, waited[told]), minlength=len(hours))
    left = 1 - shares
    inner = (left > 0) & (left < 1)
    low, high = wilson(shares, len(waited))
    terms = np.divide(events, at_risk * (at_risk - events), where=at_risk > events, out=0 * left)
    spread = Z * np.sqrt(np.cumsum(terms)[inner]) / np.log(left[inner])
    low[inner], high[inner] = 1 - left[inner] ** np.exp(spread), 1 - left[inner] ** np.exp(-spread)
    return np.minimum(low, shares), np.maximum(high, shares)


def delay_of(found: pd.DataFrame, share: float) -> float | None:
    """The hours after which a share of truths is known; None where it has not come."""
    reached = found[found["share"] >= share - 1e-9]
    return None if reached.empty else float(reached["delay_hours"].iloc[0])


def maturity(
    delays: pd.DataFrame, expected: Figure, sd: float, coming: Arrivals | None
) -> Maturity:
    """The curve, how many truths are needed, and when they will be there.

    Args:
        delays: as `curve` takes them.
        expected: the first metric on the held-out rows.
        sd: the standard deviation of its loss on them.
        coming: None when the log is empty.
    """
    wanted = needed(expected, sd)
    if coming is None:
        found = curve(delays, 0)
        return Maturity(found, None, None, wanted.n, wanted.change, None, _none_yet(0))
    found = curve(delays, coming.newest)
    median, most = delay_of(found, 0.5), delay_of(found, 0.9)
    moment = None if wanted.n is None else decidable(found, wanted.n, coming)
    return Maturity(
        frame=found,
        median_hours=median,
        p90_hours=most,
        n_needed=wanted.n,
        smallest_change=wanted.change,
        decidable_at=moment,
        message=" ".join(
            (
                _how_late(found, len(delays), median, most),
                _decision(expected.metric, wanted, coming, moment),
            )
        ).strip(),
    )


def _thinned(frame: pd.DataFrame) -> pd.DataFrame:
    """Where the curve rises, and its ends: at most 200 points, evenly apart in share."""
    shares = frame["share"].to_numpy()
    rises = np.flatnonzero(np.diff(shares, prepend=-1.0) > 0)
    kept = np.unique(np.concatenate([rises, [len(frame) - 1]]))
    if len(kept) > _POINTS:
        marks = np.searchsorted(shares[rises], np.linspace(shares[0], shares[-1], _POINTS - 2))
        few = rises[np.minimum(marks, len(rises) - 1)]
        kept = np.unique(np.concatenate([[0, len(frame) - 1], few]))
    found: pd.DataFrame = frame.iloc[kept].reset_index(drop=True)
    return found


def _none_yet(n: int) -> str:
    if not n:
        return "Nothing was answered, so there is no truth to wait for."
    rows = "row" if n == 1 else "rows"
    return f"No truth has come yet for any of {n:,} answered {rows}."


def _how_late(found: pd.DataFrame, n: int, median: float | None, most: float | None) -> str:
    if found.empty or not found["share"].iloc[-1] > 0:
        return _none_yet(n)
    if median is None:
        return _some_only(found, n)
    if most is None:
        return f"Half of the answered rows have their truth after {duration(median)}."
    if duration(median) == duration(most):
        return f"Nine tenths of the answered rows have their truth after {duration(most)}."
    return (
        f"Half of the answered rows have their truth after {duration(median)}, nine tenths after"
        f" {duration(most)}."
    )


def _some_only(found: pd.DataFrame, n: int) -> str:
    """Less than half have their truth: since when it has come no more."""
    share, longest = found["share"].iloc[-1], found["delay_hours"].iloc[-1]
    reached = found.loc[found["share"] == share, "delay_hours"].iloc[0]
    told = f"Of {n:,} answered rows {share:.0%} have their truth after {duration(reached)}".replace(
        "%", " %"
    )
    if longest < 1.5 * reached:
        return f"{told}, the longest that could be watched."
    return f"{told}; waiting longer, up to {duration(longest)}, brought none."


def _decision(metric: Metric, wanted: Needed, coming: Arrivals, moment: int | None) -> str:
    if wanted.n is None or wanted.change is None:
        return "How many truths would show a change cannot be said: the held-out rows are too few."
    what = f"a change of {size(metric, wanted.change)} in {metric.title.lower()}"
    if coming.n_known >= wanted.n:
        return f"The {coming.n_known:,} truths are enough to see {what} ({wanted.n:,} are needed)."
    lacking = f"{wanted.n:,} truths are needed to see {what}; there are {coming.n_known:,}"
    if moment is None:
        return f"{lacking}, and as they come now there will not be enough."
    return f"{lacking}, and as they come now there will be enough by {_clock(moment)}."


def _clock(moment: int) -> str:
    """A moment to the hour, rounded up but for the minute that it is found to: it is a forecast."""
    return utc(-((MINUTE - moment) // HOUR) * HOUR)
