"""Refused: the share of requests that were refused or failed."""

from console.monitors.kinds.asked import LEAST_ROWS, Asked, is_surely_above
from console.monitors.looks import Finding, firing_if
from console.monitors.sentences import count, last, share, were
from console.windows import MINUTE


def look(asked: Asked) -> Finding:
    """Fires when the share is above the limit, and not by chance."""
    minutes, limit = asked.rule["window_minutes"], asked.rule["limit"]
    window = asked.window(minutes * MINUTE)
    counts = asked.counts(window)
    n, bad = counts.requests, counts.refused + counts.failed
    if n < LEAST_ROWS:
        message = (
            f"There {were(n)} {count(n, 'request')} in {last(minutes)}; a share of refused ones"
            f" needs {LEAST_ROWS}."
        )
        return Finding("no_data", None, limit, n, message, window.start, window.end)
    found = bad / n
    fires = is_surely_above(found, n, limit)
    chance = " which may be chance," if found > limit and not fires else ""
    message = (
        f"{bad:,} of {n:,} requests of {last(minutes)} {were(bad)} refused or failed"
        f" ({share(found)}),{chance} against a limit of {share(limit)}."
    )
    status = firing_if(fires)
    return Finding(status, found, limit, n, message, window.start, window.end)
