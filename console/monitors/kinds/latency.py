"""Latency: the 95 % quantile of how long answers took."""

import numpy as np
import sqlalchemy as sa

from backend.records.predictions import Window
from backend.records.tables import predictions
from console.monitors.kinds.asked import COUNTED_HOURS, LEAST_ROWS, Asked, is_surely_above
from console.monitors.looks import Finding, firing_if
from console.monitors.sentences import count, last
from console.summaries import read
from console.windows import HOUR, MINUTE

SHARE = 0.95
MOST_EXACT = 20_000
"""Up to so many answers each is looked at; more are read from histograms, to 2.5 %."""


def look(asked: Asked) -> Finding:
    """Fires when the quantile is above the limit, and not by chance."""
    minutes, limit = asked.rule["window_minutes"], asked.rule["limit_ms"]
    window = asked.window(minutes * MINUTE)
    n = asked.counts(window).answered
    if n < LEAST_ROWS:
        return _unknown(n, asked, window)
    if n <= MOST_EXACT and window.end - window.start <= COUNTED_HOURS * HOUR:
        known = _exact(asked, window)
        if len(known) < LEAST_ROWS:
            return _unknown(len(known), asked, window)
        found, n = float(np.quantile(known, SHARE)), len(known)
        # More than 5 % slower than the limit: the quantile above it, said as a share.
        fires = is_surely_above(float((known > limit).mean()), n, 1 - SHARE)
    else:
        found = float(read.latencies(asked.database, asked.model, window, (SHARE,))[0])
        if np.isnan(found):
            return _unknown(0, asked, window)
        fires = found > limit
    chance = ", which may be chance" if found > limit and not fires else ""
    message = (
        f"95 % of {n:,} answers of {last(minutes)} came within {found:,.3g} ms{chance}; the limit"
        f" is {limit:,.3g} ms."
    )
    status = firing_if(fires)
    return Finding(status, found, limit, n, message, window.start, window.end)


def _exact(asked: Asked, window: Window) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    c = predictions.c
    query = sa.select(c.latency_ms).where(
        c.model == asked.model,
        c.at >= window.start,
        c.at < window.end,
        c.outcome == "answered",
        c.latency_ms.is_not(None),
    )
    if asked.source is not None:
        query = query.where(c.source == asked.source)
    with asked.database.read() as connection:
        return np.array(connection.scalars(query).all(), dtype=np.float64)


def _unknown(n: int, asked: Asked, window: Window) -> Finding:
    minutes, limit = asked.rule["window_minutes"], asked.rule["limit_ms"]
    message = (
        f"{count(n, 'answer')} of {last(minutes)} {'has' if n == 1 else 'have'} a latency; its"
        f" 95 % quantile needs {LEAST_ROWS}."
    )
    return Finding("no_data", None, limit, n, message, window.start, window.end)
