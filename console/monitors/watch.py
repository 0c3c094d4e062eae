"""Watching: looks and messages, once or until told to stop."""

import logging
import os
import signal
import sys
import threading
from dataclasses import dataclass

from backend import lifeline
from backend.errors import Unavailable
from backend.records import deliveries
from backend.records.alone import alone
from backend.records.database import Database, open_database
from backend.settings import Settings
from console.monitors import deliver
from console.monitors.deliver import Sent
from console.monitors.evaluate import watch_once
from console.monitors.looks import Look

ROUND_SECONDS = 60.0
WAIT_SECONDS = 5.0
NICENESS = 5  # the service answers first
logger = logging.getLogger("watchdesk.monitors")


@dataclass(frozen=True)
class Watched:
    """What one round did."""

    looks: tuple[Look, ...]
    sent: Sent


def once(database: Database, settings: Settings, moment: int | None = None) -> Watched:
    """Look with every monitor that is due, and send every message that is.

    Raises:
        Unavailable: the database cannot be used.
    """
    looks = watch_once(database, settings, moment)
    return Watched(tuple(looks), deliver.send_due(database, settings, moment))


def follow(
    database: Database, settings: Settings, stop: threading.Event, *, leave: bool = False
) -> None:
    """A round a minute until `stop` is set; with `leave`, until there is nothing to watch.

    One process does it at a time, for thrift alone; others wait here to take its place.

    Raises:
        Unavailable: another process's lock cannot be looked at.
    """
    while not stop.is_set() and (not leave or deliveries.has_work(database)):
        with alone(database, deliveries.WATCHING) as mine:
            if mine:
                _follow(database, settings, stop, leave=leave)
        stop.wait(WAIT_SECONDS)


def _follow(database: Database, settings: Settings, stop: threading.Event, *, leave: bool) -> None:
    while not stop.is_set():
        try:
            if leave and not deliveries.has_work(database):
                return
            _report(once(database, settings))
        except Unavailable as error:
            logger.warning("%s", error.detail)
        stop.wait(ROUND_SECONDS)


def _report(watched: Watched) -> None:
    for look in watched.looks:
        if look.event is not None:
            logger.info("%s: %s of %s", look.event, look.monitor, look.model)
    sent = watched.sent
    if sent.delivered or sent.failed or sent.given_up:
        logger.info(
            "%d messages delivered, %d failed, %d given up",
            sent.delivered,
            sent.failed,
            sent.given_up,
        )


def until_told(database: Database, settings: Settings) -> None:
    """Watch until SIGTERM or SIGINT.

    Raises:
        Unavailable: another process's lock cannot be looked at.
    """
    stop = threading.Event()
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda _number, _frame: stop.set()) for number in numbers]
    try:
        follow(database, settings, stop)
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def main() -> None:
    """The process that a worker starts where there are monitors; it leaves when there are none."""
    lifeline.guard_from_environment()
    os.nice(NICENESS)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    settings = Settings.from_environment()
    database = open_database(settings.database_url)
    try:
        follow(database, settings, stop, leave=True)
    except Unavailable as error:
        logger.warning("%s", error.detail)
        sys.exit(1)
    finally:
        database.dispose()


if __name__ == "__main__":
    main()
