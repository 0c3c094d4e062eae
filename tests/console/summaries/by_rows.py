"""Drift in one stretch after another from the rows themselves: what summaries are held to."""

import numpy as np
import pandas as pd

from backend.records.predictions import Window
from console.drift.over_time import COLUMNS, bucket_width
from console.drift.verdict import Reference


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
