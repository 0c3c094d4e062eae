"""Keeping the summaries up to date: when a step is taken, and who takes it."""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable

from backend import lifeline
from backend.errors import Unavailable
from backend.records import summaries
from backend.records.alone import alone
from backend.records.database import Database, open_database
from backend.settings import Settings
from backend.versions.artefacts import Store
from console.summaries.derive import Deriver, Step

LOOK_SECONDS = 2.0
WORTH_A_STEP = 1_000
"""Fewer rows than this wait until the first of them has waited for `LONGEST_SECONDS`: a step
writes the sketches of the present hour anew, and readers add what is not summarised themselves."""
LONGEST_SECONDS = 10.0
IDLE_SECONDS = 300.0
NICENESS = 5  # the service answers first
LATE = (
    "A transaction that is open may still add rows to the log, so nothing is summarised until it"
    " ends. Look for it in `pg_stat_activity` if this stays."
)
logger = logging.getLogger("watchdesk.summaries")


def once(database: Database, store: Store, report: Callable[[Step], None] | None = None) -> int:
    """Summarise all rows that are logged by now; returns how many this process summarised.

    Others may do the same meanwhile.

    Raises:
        Unavailable: the database, or the key that signs versions, cannot be used.
    """
    deriver = Deriver(database, store)
    done = 0
    while True:
        step = deriver.step()
        done += step.rows
        if report is not None:
            report(step)
        if not step.more and not step.waits:
            return done


def follow(
    database: Database, store: Store, stop: threading.Event, leave_after: float = float("inf")
) -> None:
    """Summarise rows as they are logged, until `stop` is set or nothing came for `leave_after` s.

    One process does it at a time; others wait here to take its place.

    Raises:
        Unavailable: another process's lock cannot be looked at.
    """
    began = time.monotonic()
    while not stop.is_set():
        with alone(database, summaries.KEEPING) as mine:
            if mine:
                _follow(database, Deriver(database, store), stop, leave_after)
                return
        if time.monotonic() - began > leave_after:
            return
        stop.wait(LOOK_SECONDS)


class Due:
    """Whether the rows that wait are worth a step yet."""

    def __init__(self) -> None:
        self._since: float | None = None

    def of(self, pending: int) -> bool:
        """Whether to begin, now that so many rows wait."""
        if not pending:
            self._since = None
            return False
        if self._since is None:
            self._since = time.monotonic()
        return pending >= WORTH_A_STEP or time.monotonic() - self._since >= LONGEST_SECONDS


def _follow(
    database: Database, deriver: Deriver, stop: threading.Event, leave_after: float
) -> None:
    due, last, said = Due(), time.monotonic(), ""
    while not stop.is_set() and time.monotonic() - last < leave_after:
        trouble = ""
        try:
            with database.read() as connection:
                pending = summaries.pending(connection)
            if pending:
                last = time.monotonic()
            if due.of(pending):
                step = deriver.step()
                if step.waits:
                    trouble = LATE
                else:
                    said = ""
                if step.more:
                    continue
                due = Due()
        except Unavailable as error:
            trouble = error.detail
        if trouble and trouble != said:
            logger.warning("%s", trouble)
            said = trouble
        stop.wait(LOOK_SECONDS)


def until_told(database: Database, store: Store) -> None:
    """Summarise rows as they are logged, until SIGTERM or SIGINT.

    Raises:
        Unavailable: another process's lock cannot be looked at.
    """
    stop = threading.Event()
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda _number, _frame: stop.set()) for number in numbers]
    try:
        follow(database, store, stop)
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def main() -> None:
    """The process that a worker starts when rows wait; it leaves when none came for a while."""
    lifeline.guard_from_environment()
    os.nice(NICENESS)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    settings = Settings.from_environment()
    database = open_database(settings.database_url)
    try:
        follow(database, Store.of(settings), stop, IDLE_SECONDS)
    except Unavailable as error:
        logger.warning("%s", error.detail)
        sys.exit(1)
    finally:
        database.dispose()


if __name__ == "__main__":
    main()
