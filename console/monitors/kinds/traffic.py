"""Traffic: whether requests still come, and whether as many as there should be."""

import sqlalchemy as sa

from backend.records import summaries as summarised
from backend.records.predictions import Window
from backend.records.tables import predictions, summaries
from console.monitors.kinds.asked import Asked
from console.monitors.looks import Finding
from console.monitors.sentences import count
from console.monitors.sentences import minutes as said
from console.windows import HOUR, MINUTE, utc


def look(asked: Asked) -> Finding:
    """Fires when no request came for too long, or too few came in the last hour."""
    newest = _newest(asked)
    length = asked.rule["quiet_minutes"] * MINUTE
    if newest is None:
        window = asked.window(length)
        kind = "live request" if asked.source else "request"
        message = f"No {kind} has come yet, so none can be missed."
        return Finding("no_data", None, None, 0, message, window.start, window.end)
    quiet = asked.moment - max(newest, asked.since or newest)
    if quiet >= length:
        return _stopped(asked, quiet, newest)
    least = asked.rule["least_per_hour"]
    window = asked.window(HOUR)
    n = asked.counts(window).requests
    whole = window.end - window.start == HOUR
    if least is not None and whole and n < least:
        expected = f"{least:,.4g} {'is' if least == 1 else 'are'} expected at least"
        message = f"{count(n, 'request')} came in the last hour; {expected}."
        return Finding("firing", float(n), least, n, message, window.start, window.end)
    message = f"{count(n, 'request')} came in the last hour, the newest at {utc(newest)}."
    if least is None:
        limit = float(asked.rule["quiet_minutes"])
        return Finding("ok", quiet / MINUTE, limit, n, message, window.start, window.end)
    return Finding("ok", float(n), least, n, message, window.start, window.end)


def _stopped(asked: Asked, quiet: int, newest: int) -> Finding:
    limit = asked.rule["quiet_minutes"]
    past = quiet // MINUTE
    # Rounded where it is long: nobody counts the minutes of a week.
    shown = said(past) if past < 120 else said(past // 60 * 60)
    message = (
        f"No request has come for {shown}, since {utc(newest)}; one is expected every"
        f" {said(limit)}."
    )
    return Finding("firing", quiet / MINUTE, float(limit), 0, message, newest, asked.moment)


def _newest(asked: Asked) -> int | None:
    """The time of the newest request before the moment, to the hour where it is long past."""
    near = asked.window(max(asked.rule["quiet_minutes"] * MINUTE, HOUR))
    found = _newest_in(asked, near)
    return found if found is not None else _newest_before(asked, near.start)


def _newest_in(asked: Asked, window: Window) -> int | None:
    c = predictions.c
    query = sa.select(c.at).where(c.model == asked.model, c.at >= window.start, c.at < window.end)
    if asked.source is not None:
        query = query.where(c.source == asked.source)
    with asked.database.read() as connection:
        found = connection.scalar(query.order_by(c.at.desc()).limit(1))
    return None if found is None else int(found)


def _newest_before(asked: Asked, start: int) -> int | None:
    """From the summaries, as walking a log of replayed history for a live row may take long."""
    c = summaries.c
    query = sa.select(sa.func.max(c.start)).where(c.model == asked.model, c.start < start)
    if asked.source is not None:
        query = query.where(c.source == asked.source)
    with asked.database.read() as connection:
        hour = connection.scalar(query)
    found = _newest_unsummarised(asked, start)
    if hour is not None:
        exact = _newest_in(asked, Window(int(hour), min(int(hour) + HOUR, start)))
        found = max(found or 0, exact or 0) or None
    return found


def _newest_unsummarised(asked: Asked, start: int) -> int | None:
    """Of the rows that the summaries do not hold yet; live rows are written about as they come."""
    c = predictions.c
    with asked.database.read() as connection:
        query = sa.select(c.at).where(
            c.id > summarised.watermark(connection).id, c.model == asked.model, c.at + 0 < start
        )
        if asked.source is not None:
            query = query.where(c.source == asked.source)
        newest = connection.scalars(query.order_by(c.id.desc()).limit(1_000)).all()
    return max(newest, default=None)
