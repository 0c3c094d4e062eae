"""Copying SQLite's write-ahead log back into its file, off the answering path.

Left to itself SQLite does that in the commit that fills 4 MB of log, which then waits for the disk:
under load every fiftieth batch, for 10 ms. Here a thread does it beside the writers, who are not
held up by it. Only where they never pause, so that the log is never quite copied and cannot begin
anew, the thread takes a writer's turn for the short rest.
"""

import logging
import threading
from typing import Any

from backend.errors import WatchdeskError
from backend.records.database import Database, translated

log = logging.getLogger(__name__)

# The log holds pages of 4 kB, each whenever it changes.
EVERY_PAGES = 1_000
LONGEST_PAGES = 4_000
# What a commit changes beside the rows' own pages, of which each holds about three rows.
PAGES_A_COMMIT = 4
ROWS_A_PAGE = 3
PATIENCE_S = 0.5
COPY = "PRAGMA wal_checkpoint(PASSIVE)"


class Checkpoints:
    """A thread that copies the log back once enough was written; idle on PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._written = 0
        self._wanted = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="checkpoints", daemon=True)
        if database.is_sqlite:
            self._thread.start()

    def wrote(self, rows: int) -> None:
        """So many rows were committed together."""
        self._written += PAGES_A_COMMIT + rows // ROWS_A_PAGE
        if self._written > EVERY_PAGES:
            self._written = 0
            self._wanted.set()

    def close(self) -> None:
        """End the thread, after what it is copying."""
        self._closing = True
        self._wanted.set()
        if self._database.is_sqlite:
            self._thread.join(timeout=10)

    def _run(self) -> None:
        raw = None
        while self._wanted.wait() and not self._closing:
            self._wanted.clear()
            try:
                with translated():
                    raw = raw or self._database.engine.raw_connection()
                    self._copy(raw.driver_connection)
            except WatchdeskError as error:
                log.warning("the write-ahead log was not copied back: %s", error.detail)
        if raw is not None:
            raw.close()

    def _copy(self, driver: Any) -> None:
        _, pages, _ = driver.execute(COPY).fetchone()
        if pages > LONGEST_PAGES:
            with self._database.turn(PATIENCE_S):
                driver.execute(COPY).fetchone()
