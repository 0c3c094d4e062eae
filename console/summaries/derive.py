"""Deriving the summaries from the log: exactly once, a step after another, by any number at once.

A step reads where the summaries end, reads the rows after that, computes what the summaries become
without holding anybody up, and puts that and the new end in place in one short transaction, which
does nothing if somebody else was there first. So whatever is killed, and whenever: each row is in
the summaries once, or still to come.
"""

import logging
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backend.errors import NotFound
from backend.records import registry, summaries, summary_rows
from backend.records.columns import rows_between
from backend.records.database import Database
from backend.records.settled import settled
from backend.records.summaries import Changes, Watermark
from backend.versions.artefacts import Store
from console.summaries.frozen import Frozen, frozen
from console.summaries.hourly import hourly, tidy
from console.summaries.sketched import readable, sketched

ROWS = 20_000
# So many rows of summaries are written in one transaction, about; it takes some 30 ms.
WRITTEN = 4_000
logger = logging.getLogger("watchdesk.summaries")


@dataclass(frozen=True)
class Step:
    """What a step did.

    Attributes:
        rows: of the log that it summarised.
        upto: the watermark when it ended.
        more: whether rows were left that the next step can take at once.
        waits: whether a long transaction of somebody's kept it from beginning.
    """

    rows: int
    upto: int
    more: bool = False
    waits: bool = False


class Deriver:
    """Derives summaries; keeps the bins of the versions that it has met."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store
        self._epoch = -1
        self._frozen: dict[int, Frozen] = {}
        self._said: set[str] = set()

    def step(self, rows: int = ROWS) -> Step:
        """Summarise at most `rows` rows more.

        Raises:
            Unavailable: the database, or the key that signs versions, cannot be used at the moment;
                nothing was done.
        """
        with self._database.read() as connection:
            seen = summaries.watermark(connection)
        end = settled(self._database)
        if end is None:
            return Step(0, seen.id, waits=True)
        if end <= seen.id:
            return Step(0, seen.id)
        with self._database.read() as connection:
            found = rows_between(connection, seen.id, end, rows)
        return self._summarise(seen, tidy(found), end if len(found) < rows else None)

    def _summarise(self, seen: Watermark, rows: pd.DataFrame, end: int | None) -> Step:
        """Put rows in place; `end` is where they end if that is after the last of them."""
        if seen.epoch != self._epoch:
            self._epoch, self._frozen = seen.epoch, {}
        versions = self._versions(rows)
        kept = _bounded(rows, versions)
        upto = end if end is not None and kept == len(rows) else int(rows["id"].iloc[kept - 1])
        changes = self._changes(rows.iloc[:kept], versions)
        more = end is None or kept < len(rows)
        if not summaries.advance(self._database, seen, upto, changes):
            self._frozen = {number: one for number, one in self._frozen.items() if one.stored}
            return Step(0, seen.id, more=True)
        for cells in changes.cells:
            self._frozen.pop(cells.version_id)  # read again as it was stored
        return Step(kept, upto, more)

    def _changes(self, rows: pd.DataFrame, versions: dict[tuple[str, int], Frozen]) -> Changes:
        sketches, cells = [], []
        for (model, number), version in versions.items():
            mine = (rows["model"] == model) & (rows["version"] == number)
            answered = rows[mine & (rows["outcome"] == "answered")]
            if answered.empty:
                continue
            if not version.stored:
                cells.append(version.row)
            if version.problem is None:
                sketches += self._sketched(version, answered)
        return Changes(hourly(self._database, rows), sketches, cells)

    def _sketched(self, version: Frozen, answered: pd.DataFrame) -> list[summaries.Sketch]:
        columns, kept = readable(version, answered)
        if len(kept) < len(answered):
            self._say(
                f"{len(answered) - len(kept):,} rows of version id {version.version_id} have"
                " features that cannot be read; they are counted and not sketched"
            )
        return sketched(self._database, version, columns, kept["hour"].to_numpy())

    def _versions(self, rows: pd.DataFrame) -> dict[tuple[str, int], Frozen]:
        """The versions that answered some of the rows."""
        answered = rows[rows["outcome"] == "answered"]
        met = answered[["model", "version"]].drop_duplicates()
        found = {}
        for model, number in zip(met["model"], met["version"], strict=True):
            try:
                version = registry.version(self._database, model, int(number))
            except NotFound:
                continue  # removed since, or never there: its rows are counted
            if version.id not in self._frozen:
                with self._database.read() as connection:
                    stored = summary_rows.cells(connection, version.id)
                made = frozen(self._database, version, self._store, stored)
                self._frozen[version.id] = made
            kept = self._frozen[version.id]
            if kept.problem is not None:
                self._say(f"{model} version {number} has no sketches: {kept.problem}")
            found[model, int(number)] = kept
        return found

    def _say(self, what: str) -> None:
        if what not in self._said:
            self._said.add(what)
            logger.warning("%s", what)


def _bounded(rows: pd.DataFrame, versions: dict[tuple[str, int], Frozen]) -> int:
    """How many of the first rows change about `WRITTEN` rows of summaries, at least one.

    Rows in the order of their times touch few hours. History that is replayed may touch as many
    hours as it has rows.
    """
    if rows.empty:
        return 0
    first = rows[~rows.duplicated(["model", "version", "source", "hour"])]
    keys = zip(first["model"], first["version"], strict=True)
    # An hour and a day of each column.
    written = np.cumsum([1 + 2 * len(versions[k].cells) if k in versions else 1 for k in keys])
    beyond = np.flatnonzero(written > WRITTEN)
    beyond = beyond[beyond > 0]
    # The index is the rows' places.
    return int(first.index[beyond[0]]) if len(beyond) else len(rows)
