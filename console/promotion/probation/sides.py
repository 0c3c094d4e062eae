"""The two champions that probation compares, each with its stretch of the log."""

from dataclasses import dataclass

from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from console.performance.truths import Rows, read
from console.summaries.read import Counts, counts


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
        return cls(version, window, read(database, version, window), requests)
