"""The prediction log of our service, read to see that it holds what was answered."""

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from backend.records import predictions as records
from backend.records.database import connect
from backend.records.tables import predictions

Rows = Counter[tuple[str, str | None]]
"""Numbers of rows by outcome and label."""
SETTLE_S = 0.3


class LostRows(Exception):
    """The log does not hold what the service answered."""


class Log:
    """The log in a data directory, read from where the last look ended."""

    def __init__(self, data: Path) -> None:
        self._database = connect(f"sqlite:///{data / 'watchdesk.db'}")
        self._seen = 0

    def close(self) -> None:
        """Close the database."""
        self._database.dispose()

    def news(self) -> Rows:
        """The rows that came since the last look."""
        columns = (predictions.c.outcome, predictions.c.label)
        counted = sa.select(*columns, sa.func.count(), sa.func.max(predictions.c.id))
        fresh = counted.where(predictions.c.id > self._seen).group_by(*columns)
        with self._database.read() as connection:
            found = connection.execute(fresh).all()
        self._seen = max([self._seen, *(row[3] for row in found)])
        return Counter({(row[0], row[1]): row[2] for row in found})

    def settled(self) -> Rows:
        """The rows that came since the last look, once no more come."""
        found: Rows = Counter()
        while fresh := self.news():
            found += fresh
            time.sleep(SETTLE_S)
        return found

    def lacks(self, ids: Sequence[str]) -> int:
        """How many of these prediction ids are not in it as answered."""
        return len(set(ids)) - len(records.keys(self._database, list(set(ids))))


def require(logged: Rows, requests: int, labels: Sequence[str], connections: int) -> int:
    """The number of answered rows that came into the log, after seeing that none is missing.

    Args:
        logged: the new rows.
        requests: how many the client got an answer for.
        labels: of the rows of one request.
        connections: as many requests may have been sent and not waited for at the end.

    Raises:
        LostRows: the log has fewer rows of a label, or more than were sent, or one that failed.
    """
    for label, count in Counter(labels).items():
        found = logged["answered", label]
        least, most = requests * count, (requests + connections) * count
        if not least <= found <= most:
            raise LostRows(
                f"Between {least:,} and {most:,} rows were answered with `{label}`; the log has"
                f" {found:,} of them."
            )
    failed = sum(count for (outcome, _), count in logged.items() if outcome == "failed")
    if failed:
        raise LostRows(f"{failed:,} rows of the log failed; all should have been answered.")
    return sum(count for (outcome, _), count in logged.items() if outcome == "answered")
