"""The process that evaluates monitors, started by a worker where there are any.

A process of its own, as the summaries have (`summarising.py`): a look may take seconds, its
libraries' memory is held only where somebody watches, and what ends it ends nothing else.
"""

import logging
import sys
import time
from collections.abc import Mapping

from backend import lifeline
from backend.records import deliveries
from backend.records.alone import alone
from backend.records.database import Database
from backend.settings import ROOT

COMMAND = (sys.executable, "-m", "console.monitors.watch")
WAIT_SECONDS = 10.0
"""After a process that ended, before another is started."""
logger = logging.getLogger("watchdesk.worker")


class Monitoring:
    """Starts the process when it is needed, and stops it with the worker."""

    def __init__(self, database: Database, environment: Mapping[str, str]) -> None:
        self._database = database
        self._environment = environment
        self._child: lifeline.Child | None = None
        self._not_before = 0.0

    def look(self) -> None:
        """See whether the process runs, and start it if there is work and nobody does it.

        Raises:
            Unavailable: the database cannot be used.
        """
        if self._child is not None:
            code = self._child.exit_code()
            if code is None:
                return
            self._child, self._not_before = None, time.monotonic() + WAIT_SECONDS
            if code:
                logger.warning("the process that evaluates monitors ended with code %d", code)
        if time.monotonic() < self._not_before or not deliveries.has_work(self._database):
            return
        with alone(self._database, deliveries.WATCHING) as free:
            pass
        if free:
            self._start()

    def stop(self, grace_seconds: float) -> None:
        """Stop the process, which may be killed at any time without harm."""
        if self._child is not None:
            self._child.stop(grace_seconds)
            self._child = None

    def _start(self) -> None:
        try:
            self._child = lifeline.spawn(COMMAND, self._environment, ROOT)
        except OSError as error:
            logger.warning("monitors are not evaluated: no process (%s)", error.strerror)
            self._not_before = time.monotonic() + WAIT_SECONDS
