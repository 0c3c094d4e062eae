"""Drift in one stretch of time after another: when did it begin?"""

import numpy as np
import pandas as pd

from backend.records.predictions import Window
from console.drift.thresholds import PROMISED
from console.drift.verdict import Reference
from console.windows import DAY, HOUR, MINUTE, SECOND

MOST_BUCKETS = 60
_WIDTHS = (SECOND, 10 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR)
_WIDE = (12 * HOUR, DAY, 7 * DAY, 28 * DAY, 364 * DAY)

COLUMNS = ["at", "until", "feature", "title", "status", "effect", "floors", "n_current"]


def over_time(
    reference: Reference, current: pd.DataFrame, window: Window, most: int = 24
) -> pd.DataFrame:
    """The verdict on each stretch of a window, apart from the others.

    Args:
        reference: made ready once.
        current: the window's rows, with their time in `__at__` (UTC microseconds).
        window: bounds the stretches.
        most: at most so many stretches, 60 in any case. They are of a length that a clock shows
            (10 s, 1 min, 5 min, … 1 h, 3 h, … 1 day, 7 days) and begin at a multiple of it.

    Returns:
        One row a stretch and feature, stretches in order: at, until (UTC timestamps), feature,
        title, status, effect, floors (effect divided by its floor, so that features compare:
        1 and more is drift if significant), n_current (values compared). A stretch without rows
        has no row here; one with fewer than 30 has the status not_enough_rows and NaN.

    The correction is within a stretch: of k quiet stretches about k / 20 show a false flag.
    """
    width = bucket_width(window, most)
    times = current["__at__"].to_numpy(dtype=np.int64)
    inside = (times >= window.start) & (times < window.end)
    parts = [pd.DataFrame(columns=COLUMNS)]
    shown = current[inside]
    starts = times[inside] // width * width
    for start in np.unique(starts):
        found = reference.compare(shown[starts == start])
        results = pd.DataFrame([vars(result) for result in found.results])
        results["at"] = pd.Timestamp(int(start), unit="us", tz="UTC")
        results["until"] = pd.Timestamp(int(start) + width, unit="us", tz="UTC")
        results["floors"] = results.effect / results.effect_floor
        parts.append(results[COLUMNS])
    return pd.concat(parts[1:] or parts, ignore_index=True)


def bucket_width(window: Window, most: int = 24) -> int:
    """The length of a stretch in microseconds: the shortest of a clock's that gives few enough."""
    most = min(max(most, 1), MOST_BUCKETS)
    for width in _WIDTHS + _WIDE:
        if -(-window.end // width) - window.start // width <= most:
            return width
    years = -(-(window.end - window.start) // (most * _WIDE[-1])) + 1
    return years * _WIDE[-1]


def expected_false(n_windows: int) -> float:
    """At most how many of `n_windows` windows show a flag though nothing has moved: 5 %."""
    return PROMISED * n_windows


def of_false_flags(n_windows: int, noun: str = "windows") -> str:
    """What a reader of several windows must know: how many of them cry wolf.

    Args:
        n_windows: those that were compared, 2 or more.
        noun: what they are called, in the plural.
    """
    expected = expected_false(n_windows)
    number = f"{expected:.0f}" if expected >= 1 else f"{expected:.2g}"
    verb = "shows" if number == "1" else "show"
    return f"Of {n_windows:,} quiet {noun} up to {number} {verb} a false flag: 5 %, by design."
