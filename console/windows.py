"""Stretches of the log that a reader may choose: by length up to the newest row, or from–to.

A choice has one text form, which is what the address of a page carries.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from backend.errors import Unusable
from backend.records.database import Database, now
from backend.records.predictions import Window
from backend.records.tables import predictions

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

LENGTHS = {"1h": HOUR, "24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY}
TITLES = {
    "1h": "Last hour",
    "24h": "24 hours",
    "7d": "7 days",
    "30d": "30 days",
    "all": "Everything",
    "custom": "From–to",
}
DEFAULT = "7d"


@dataclass(frozen=True)
class Choice:
    """What a reader chose: a name of `TITLES`; `start` and `end` (UTC µs) only if custom."""

    name: str = DEFAULT
    start: int | None = None
    end: int | None = None

    def window(self, span: tuple[int, int] | None) -> Window:
        """The stretch that is meant in a log whose oldest and newest rows are at `span`.

        It ends with the newest row, rounded up to a whole minute where it has an hour and to a
        whole hour where it is longer: the same stretch is asked for until that has passed, and
        hours are what summaries hold. In an empty log it ends now.
        """
        if self.start is not None and self.end is not None:
            return Window(self.start, self.end)
        oldest, newest = span if span is not None else (now() - DAY, now())
        step = MINUTE if self.name == "1h" else HOUR
        end = newest - newest % step + step
        if self.name == "all":
            return Window(oldest - oldest % step, end)
        return Window(end - LENGTHS[self.name], end)

    def phrase(self, models: int = 1) -> str:
        """The choice inside a sentence about some models: `in the last 7 days of its log`."""
        stretch = {
            "1h": "in the last hour of",
            "24h": "in the last 24 hours of",
            "7d": "in the last 7 days of",
            "30d": "in the last 30 days of",
            "all": "in all of",
        }.get(self.name)
        if stretch is None:
            return "in the chosen time"
        return f"{stretch} {'its log' if models == 1 else 'their logs'}"


def span(database: Database, model: str) -> tuple[int, int] | None:
    """The times of the oldest and the newest row of a model (UTC µs); None if it has none."""
    c = predictions.c
    # Each for itself comes from an end of the index; both at once would walk all of it.
    ends = [sa.select(end(c.at)).where(c.model == model) for end in (sa.func.min, sa.func.max)]
    query = sa.select(*(end.scalar_subquery() for end in ends))
    with database.read() as connection:
        oldest, newest = connection.execute(query).one()
    return None if newest is None else (int(oldest), int(newest))


def bucket(window: Window, most: int = 60) -> int:
    """The length (µs) of the stretches in which to count a window's rows: a round time.

    A multiple of an hour from a day on. The stretches begin at multiples of it.
    """
    length = window.end - window.start
    least = HOUR if length >= DAY else MINUTE
    for minutes in (1, 5, 10, 30, 60, 180, 360, 720, 1_440, 2 * 1_440, 4 * 1_440, 7 * 1_440):
        width = minutes * MINUTE
        if width >= least and length <= most * width:
            return width
    return math.ceil(length / (most * DAY)) * DAY


def moment(text: str) -> int:
    """A time in ISO 8601 as UTC microseconds; one without a zone is UTC.

    Raises:
        Unusable: it is not a time.
    """
    try:
        found = datetime.fromisoformat(text)
        aware = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
        return at(aware.astimezone(UTC))
    except (ValueError, OverflowError):  # also a time before the year 1 or after 9999 in UTC
        raise Unusable(
            f"`{text[:40]}` is not a time; expected ISO 8601, such as `2011-04-07T14:00Z`."
        ) from None


def at(time: datetime) -> int:
    """A time as UTC microseconds; one without a zone is UTC."""
    aware = time if time.tzinfo is not None else time.replace(tzinfo=UTC)
    # Whole seconds apart: rounded with the rest, half of all times would be a second late.
    return round(aware.replace(microsecond=0).timestamp()) * SECOND + aware.microsecond


def iso(moment_us: int) -> str:
    """UTC microseconds as ISO 8601 to the second, with `Z`."""
    time = datetime.fromtimestamp(moment_us // SECOND, UTC)
    # Not strftime: its year has as many digits as it likes.
    return time.replace(tzinfo=None).isoformat() + "Z"


def utc(moment_us: int, *, seconds: bool = False) -> str:
    """UTC microseconds for readers who share no zone: `7 Apr 2011, 14:05 UTC`."""
    time = datetime.fromtimestamp(moment_us // SECOND, UTC)
    clock = "%H:%M:%S" if seconds else "%H:%M"
    return f"{time.day} {time:%b} {time.year:04d}, {time.strftime(clock)} UTC"


def between(start: int, end: int) -> Choice:
    """A custom choice.

    Raises:
        Unusable: it ends before it begins.
    """
    if end <= start:
        raise Unusable(
            f"The time from {iso(start)} to {iso(end)} ends before it begins. Choose a later end."
        )
    return Choice("custom", start, end)
