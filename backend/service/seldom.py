"""Log lines that a fault repeats: the first at once, then seldom and with their number.

A full disk fails every batch, hundreds in a second. A line for each would fill what is left of the
disk and bury the first, which says why.
"""

import logging
import time
from collections.abc import Callable

PAUSE_S = 10.0


class Seldom(logging.Filter):
    """Lets a message through at most once in `PAUSE_S` seconds, and says how many it held back.

    For a logger each of whose lines tells of one failed batch. Messages are told apart before
    their values are filled in, so that a full disk does not hide the traceback of a bug.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._due: dict[str, float] = {}
        self._held: dict[str, int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to log this line; the next one that is logged counts those that are not."""
        kind, now = record.msg, self._clock()
        if now < self._due.get(kind, now):
            self._held[kind] = self._held.get(kind, 0) + 1
            return False
        self._due[kind] = now + PAUSE_S
        if held := self._held.pop(kind, 0):
            failed = f"({held:,} more failed so since the last such line)"
            record.msg, record.args = f"{record.getMessage()} {failed}", ()
        return True
