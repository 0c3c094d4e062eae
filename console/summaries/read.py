"""Traffic, counts and latencies over any window of a model's log, from its hourly summaries."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sqlalchemy.engine import Connection

from backend.records import summaries, summary_rows
from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.summaries import Hour
from console.drift.sketches.encoding import decode
from console.drift.statistics import Floats
from console.summaries import latency
from console.summaries.cut import cut, rest, within
from console.summaries.hourly import OUTCOMES, count, tidy
from console.windows import HOUR


@dataclass(frozen=True)
class Counts:
    """The rows of a window by outcome.

    Attributes:
        answered, refused, failed: rows.
        pending: how many newer rows of the log (of any model) are left out, at most; see `cut`.
    """

    answered: int
    refused: int
    failed: int
    pending: int

    @property
    def requests(self) -> int:
        """All rows."""
        return self.answered + self.refused + self.failed


def counts(database: Database, model: str, window: Window, version: int | None = None) -> Counts:
    """How many rows a model's log has in a window, of one version if given."""
    with database.snapshot() as connection:
        hours, pending = _hours(connection, model, window)
    mine = [hour for hour in hours if version is None or hour.version == version]
    answered, refused, failed = (sum(getattr(hour, name) for hour in mine) for name in OUTCOMES)
    return Counts(answered, refused, failed, pending)


def latencies(
    database: Database, model: str, window: Window, shares: Sequence[float] = (0.5, 0.95)
) -> Floats:
    """Quantiles of the latency of live answers in milliseconds, to 2.5 %; NaN where none are.

    Args:
        shares: in [0, 1].
    """
    with database.snapshot() as connection:
        hours, _ = _hours(connection, model, window)
    total = np.zeros(latency.BUCKETS)
    for hour in hours:
        if hour.source == "live" and hour.latency is not None:
            total += decode(hour.latency, latency.BUCKETS)
    return latency.quantiles(total, shares)


def traffic(database: Database, model: str, window: Window, width_us: int) -> pd.DataFrame:
    """Requests over time.

    Args:
        width_us: of a stretch of time. A multiple of an hour is read from the summaries, anything
            else is counted in the log, and is for windows of a few hours.

    Returns:
        One row a stretch, version, outcome and source that has rows, in that order: at (UTC µs,
        a multiple of the width; the first stretch may begin before the window, whose rows alone
        are counted), version (0: none), outcome, source, count.
    """
    with database.snapshot() as connection:
        if width_us % HOUR:
            return summary_rows.counted(connection, model, window, width_us)
        hours, _ = _hours(connection, model, window)
    columns = ["at", "version", "outcome", "source", "count"]
    rows = [
        (hour.start - hour.start % width_us, hour.version, name, hour.source, number)
        for hour in hours
        for name in OUTCOMES
        if (number := getattr(hour, name))
    ]
    found = pd.DataFrame(rows, columns=columns)
    return found.groupby(columns[:-1]).sum().reset_index()


def pending(database: Database) -> int:
    """How many rows of the log are not summarised yet, at most."""
    with database.snapshot() as connection:
        return summaries.pending(connection)


def _hours(connection: Connection, model: str, window: Window) -> tuple[list[Hour], int]:
    """The hours of a window, the first and last cut to it; and how many rows are left out.

    An hour may come several times: from the summaries, and from rows beside them.
    """
    parts = cut(connection, model, window, days=False)
    left = rest(connection)
    found = [hour for one in parts.hours for hour in summary_rows.hours(connection, model, one)]
    edges = summary_rows.rows_within(
        connection, model, parts.edges, left.summarised, features=False
    ).assign(model=model)
    beyond = left.rows[left.rows["model"] == model]
    for rows in (edges, within(beyond, [window])):
        found += count(tidy(rows))
    return found, left.pending
