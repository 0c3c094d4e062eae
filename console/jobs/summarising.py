"""The process that keeps the summaries, started by a worker when rows wait to be summarised.

A process of its own: it may be busy for minutes without delaying the heartbeats of jobs, its
libraries' memory is held only while somebody is asked, and what ends it ends nothing else.
"""

import logging
import sys
import time
from collections.abc import Mapping

from backend import lifeline
from backend.records import summaries
from backend.records.alone import alone
from backend.records.database import Database
from backend.settings import ROOT

COMMAND = (sys.executable, "-m", "console.summaries.follow")

WAIT_SECONDS = 10.0
"""After rows came, and after a process that failed, before one is started."""
logger = logging.getLogger("watchdesk.worker")


class Summarising:
    """Starts the process when it is needed, and stops it with the worker."""

    def __init__(self, database: Database, environment: Mapping[str, str]) -> None:
        self._database = database
        self._environment = environment
        self._child: lifeline.Child | None = None
        self._not_before: float | None = None

    def look(self) -> None:
        """See whether the process runs, and start it if rows have waited and nobody takes them.

        Raises:
            Unavailable: the database cannot be used.
        """
        if self._child is not None:
            code = self._child.exit_code()
            if code is None:
                return
            self._child, self._not_before = None, time.monotonic() + WAIT_SECONDS
            if code:
                logger.warning("the process that keeps the summaries ended with code %d", code)
        with self._database.read() as connection:
            waits = summaries.pending(connection) > 0
        if not waits:
            self._not_before = None
        elif self._not_before is None:
            self._not_before = time.monotonic() + WAIT_SECONDS
        elif time.monotonic() >= self._not_before and self._is_free():
            self._start()

    def stop(self, grace_seconds: float) -> None:
        """Stop the process, which may be killed at any time without harm."""
        if self._child is not None:
            self._child.stop(grace_seconds)
            self._child = None

    def _is_free(self) -> bool:
        with alone(self._database, summaries.KEEPING) as free:
            return free

    def _start(self) -> None:
        try:
            self._child = lifeline.spawn(COMMAND, self._environment, ROOT)
        except OSError as error:
            logger.warning("summaries are not kept: no process (%s)", error.strerror)
            self._not_before = time.monotonic() + WAIT_SECONDS
