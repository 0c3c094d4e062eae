"""The two champions that probation compares, each with its stretch of the log."""

from dataclasses import dataclass
from typing import Final

from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from console.performance.truths import Rows, read
from console.summaries.read import Counts, counts

MOST_ANSWERED: Final = 4_000
"""Rows that estimates and drift are computed from, at most: drawn at random beyond that."""
MOST_KNOWN: Final = 8_000
"""Rows with truth, likewise: enough to see a change of accuracy of two points."""


@dataclass(frozen=True)
class Side:
    """One champion and its stretch of the log.

    Attributes:
        rows: what it answered in the stretch.
        requests: all requests of the stretch, whoever answered.
    """

    version: Version
    window: Window
    rows: Rows
    requests: Counts

    @classmethod
    def of(cls, database: Database, version: Version, window: Window) -> "Side":
        """Read a stretch."""
        requests = counts(database, version.model, window)
        rows = read(database, version, window, MOST_ANSWERED, MOST_KNOWN)
        return cls(version, window, rows, requests)
