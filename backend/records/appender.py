"""The quick way into the prediction log: one connection kept open, one statement a batch.

The service commits thousands of times a second, so it speaks to the driver itself: taking a
connection from the pool and composing a statement would cost more than the insert. Everything
else appends through `predictions.append`.
"""

import contextlib
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
import pysqlite3.dbapi2 as sqlite

from backend.errors import Unavailable
from backend.records.checkpoints import Checkpoints
from backend.records.database import Database, reason_of, translated
from backend.records.predictions import INSERT
from backend.records.sqlite_engine import BUSY_TIMEOUT_MS


class Busy(Exception):
    """Another writer holds the lock; nothing was written and nothing was waited for."""


class Appender:
    """Appends batches, each in one transaction, from one thread at a time.

    `patient` waits for another writer as long as the database's time-out allows; otherwise
    `append` raises `Busy` at once, so that an event loop can call it. Only SQLite can be so quick:
    there a commit is a write into the page cache. With `checkpoints` it leaves them to that.
    """

    def __init__(
        self, database: Database, *, patient: bool, checkpoints: Checkpoints | None = None
    ) -> None:
        self._database = database
        self._checkpoints = checkpoints
        self._patient = patient
        self._lock = threading.Lock()
        self._raw: Any = None
        self._driver: Any = None

    def append(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Append rows of `predictions.Row`'s columns; when this returns they are committed.

        Raises:
            Unavailable: the database is locked, full or gone; nothing of it was appended.
            Busy: another writer is at work, and this appender does not wait.
        """
        with self._lock, translated(), self._own_translated():
            driver = self._connected()
            if self._database.is_sqlite:
                with self._database.turn(BUSY_TIMEOUT_MS / 1_000 if self._patient else 0.0):
                    _append_sqlite(driver, rows)
                if self._checkpoints is not None:
                    self._checkpoints.wrote(len(rows))
            else:
                with driver.transaction():
                    for statement, values in INSERT.statements(rows, is_sqlite=False):
                        driver.execute(statement, values)

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            self._drop()

    def _connected(self) -> Any:
        if self._driver is None:
            self._raw = self._database.engine.raw_connection()
            self._driver = self._raw.driver_connection
            if self._database.is_sqlite and not self._patient:
                self._driver.execute("PRAGMA busy_timeout=0").close()
            if self._database.is_sqlite and self._checkpoints is not None:
                self._driver.execute("PRAGMA wal_autocheckpoint=0").close()
            if not self._database.is_sqlite:
                self._driver.autocommit = True  # `transaction()` begins and commits
        return self._driver

    def _drop(self) -> None:
        if self._raw is not None:
            with contextlib.suppress(sqlite.Error, psycopg.Error):
                self._raw.invalidate()  # it has settings that nobody else expects
        self._raw = self._driver = None

    @contextlib.contextmanager
    def _own_translated(self) -> Iterator[None]:
        try:
            yield
        except (sqlite.OperationalError, psycopg.OperationalError, psycopg.InterfaceError) as error:
            if not self._patient and getattr(error, "sqlite_errorname", "") == "SQLITE_BUSY":
                raise Busy from None
            self._drop()  # a broken connection is made anew by the next batch
            raise Unavailable(reason_of(error)) from error


def _append_sqlite(driver: Any, rows: Sequence[tuple[Any, ...]]) -> None:
    driver.execute("BEGIN IMMEDIATE")
    try:
        for statement, values in INSERT.statements(rows, is_sqlite=True):
            driver.execute(statement, values)
        driver.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite.Error):
            driver.execute("ROLLBACK")
        raise
