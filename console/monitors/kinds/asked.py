"""What a kind of monitor is asked: whose log, by which rule, at what moment."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from backend.records import log, summary_rows
from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions.artefacts import REFERENCE, Store
from backend.versions.signature import Signature
from console.drift.decisions.intervals import wilson
from console.drift.report import reference_of
from console.drift.verdict import Reference
from console.summaries import read
from console.summaries.hourly import OUTCOMES
from console.windows import HOUR

CERTAIN = 3.0
"""A share counts as above a limit when Wilson's lower end at so many standard errors is: one look
in 740 at a share that equals the limit. A monitor looks hundreds of times a day."""
LEAST_ROWS = 20
COUNTED_HOURS = 6
"""Up to so many hours rows are counted in the log, beyond that in its summaries."""
MOST_KEPT = 16


class References:
    """The references of versions, read and sorted once; for as long as its owner lives."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, str | None], Reference] = OrderedDict()

    def of(self, database: Database, version: Version, store: Store) -> Reference:
        """A version's reference.

        Raises:
            ArtefactDamaged: it is missing or altered.
        """
        key = (version.id, version.files.get(REFERENCE))
        if key not in self._kept:
            self._kept[key] = reference_of(database, version, store)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]


@dataclass(frozen=True)
class Asked:
    """A question to a kind of monitor.

    Attributes:
        database, store: where.
        model: whose log.
        version: its champion; None if it has none.
        rule: a checked rule (`console.monitors.rules`).
        moment: when it is (UTC µs); what comes then or later is not looked at.
        since: what came before does not count (UTC µs); None: all counts.
        state: what the kind's last look left.
        references: those that were read already.
    """

    database: Database
    store: Store
    model: str
    version: Version | None
    rule: Mapping[str, Any]
    moment: int
    since: int | None = None
    state: Mapping[str, Any] = field(default_factory=dict)
    references: References = field(default_factory=References)

    def window(self, length: int) -> Window:
        """The last `length` µs before the moment, or what of them counts."""
        start = self.moment - length
        return Window(min(max(start, self.since or start), self.moment), self.moment)

    @property
    def source(self) -> str | None:
        """The source that rows must have; None where all count."""
        return None if self.rule["source"] == "all" else "live"

    def counts(self, window: Window) -> "Counts":
        """The rows of a window by outcome."""
        long = window.end - window.start > COUNTED_HOURS * HOUR
        if long:
            found = read.traffic(self.database, self.model, window, HOUR)
        else:
            with self.database.read() as connection:
                found = summary_rows.counted(connection, self.model, window, HOUR)
        if self.source is not None:
            found = found[found["source"] == self.source]
        by = found.groupby("outcome")["count"].sum()
        return Counts(*(int(by.get(name, 0)) for name in OUTCOMES))

    def rows(self, version: Version, window: Window, most: int, *names: str) -> pd.DataFrame:
        """Rows that a version answered, at most `most` at random; all its features by default."""
        which = log.Filter(self.model, window, version=version.number or 0, source=self.source)
        wanted = names or Signature.from_json(version.signature).names
        return log.features(self.database, which, wanted, limit=most)


@dataclass(frozen=True)
class Counts:
    """Rows by outcome."""

    answered: int
    refused: int
    failed: int

    @property
    def requests(self) -> int:
        """All rows."""
        return self.answered + self.refused + self.failed


def is_surely_above(share: float, n: int, limit: float) -> bool:
    """Whether a share of n rows is above a limit, and not by chance (`CERTAIN`)."""
    return n > 0 and float(wilson(share, n, CERTAIN)[0]) > limit
