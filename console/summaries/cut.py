"""A window cut into the days and hours that summaries hold, and the edges that they do not."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from sqlalchemy.engine import Connection

from backend.records import summaries, summary_rows
from backend.records.columns import rows_between
from backend.records.predictions import Window
from console.windows import DAY, HOUR

MOST_PENDING = 100_000
"""With more rows than this not yet summarised an answer leaves them out, and says so."""


@dataclass(frozen=True)
class Cut:
    """The parts of a window; together they are all of it, none twice.

    Attributes:
        days: whole UTC days; empty when `start` equals `end`.
        hours: whole hours before and after the days.
        edges: parts of an hour, to be read from the log.
    """

    days: Window
    hours: tuple[Window, ...]
    edges: tuple[Window, ...]


@dataclass(frozen=True)
class Rest:
    """The rows of the log that are not summarised yet.

    Attributes:
        rows: of all models, from `columns.rows_between`; none when there are too many.
        pending: how many are left out, at most; 0 when all are in `rows`.
        summarised: the last id that the summaries hold.
    """

    rows: pd.DataFrame
    pending: int
    summarised: int


def cut(connection: Connection, model: str, window: Window, *, days: bool = True) -> Cut:
    """Cut a window of a model's log; with `days` false into hours alone.

    Where the rest of an edge's hour holds no row of the model, the hour is taken whole.
    """
    whole, edges = _whole_hours(connection, model, window)
    first = -(-whole.start // DAY) * DAY
    last = whole.end // DAY * DAY
    if not days or first >= last:
        return Cut(Window(whole.start, whole.start), _some(whole), edges)
    before, after = Window(whole.start, first), Window(last, whole.end)
    return Cut(Window(first, last), _some(before, after), edges)


def rest(connection: Connection, most: int = MOST_PENDING) -> Rest:
    """What the summaries do not hold yet."""
    seen = summaries.watermark(connection)
    pending = summaries.pending(connection)
    if pending > most:
        return Rest(rows_between(connection, 0, 0, 0), pending, seen.id)
    return Rest(rows_between(connection, seen.id, seen.id + pending, most), 0, seen.id)


def _whole_hours(
    connection: Connection, model: str, window: Window
) -> tuple[Window, tuple[Window, ...]]:
    """The hours that may be taken whole, and the edges outside them."""
    start, end = window.start, window.end
    opening, closing = start - start % HOUR, -(-end // HOUR) * HOUR
    if opening < start and not summary_rows.has_rows(connection, model, Window(opening, start)):
        start = opening
    if end < closing and not summary_rows.has_rows(connection, model, Window(end, closing)):
        end = closing
    first, last = -(-start // HOUR) * HOUR, end // HOUR * HOUR
    if first >= last:
        return Window(first, first), _some(window)
    return Window(first, last), _some(Window(start, first), Window(last, end))


def _some(*windows: Window) -> tuple[Window, ...]:
    return tuple(window for window in windows if window.start < window.end)


def within(rows: pd.DataFrame, windows: Sequence[Window]) -> pd.DataFrame:
    """The rows whose time is in one of some windows that do not overlap."""
    parts = [rows[(rows["at"] >= one.start) & (rows["at"] < one.end)] for one in windows]
    return pd.concat(parts) if parts else rows.iloc[:0]
