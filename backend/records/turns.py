"""Whose turn it is to write to a SQLite file, among all threads and processes that write to it.

SQLite's own lock is the true guard, but those who wait for it sleep ever longer, so that one of
four busy processes waited for 2.7 s; and where commits never pause, no process can finish copying
the write-ahead log back, so that it grew by 100 MB a second. Writers that take turns by this lock
wait for half a millisecond at a time, and commit and copy undisturbed: the log stays at 4 MB.

The lock is the kernel's (`flock`), on a file beside the database: it ends with its holder, kill -9
included. A writer that knows nothing of it is still kept out by SQLite.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pysqlite3.dbapi2 as sqlite

LOOK_SECONDS = 0.0005


class Locked(sqlite.OperationalError):  # type: ignore[misc]  # pysqlite3 has no types
    """The turn was not to be had in time; said as SQLite says it."""

    sqlite_errorname = "SQLITE_BUSY"


class Turns:
    """The turns at one file."""

    def __init__(self, database: Path) -> None:
        # As SQLite does with its own files: beside what a symbolic link points at.
        self.database = database.resolve()
        self._free: list[int] = []

    @contextlib.contextmanager
    def take(self, seconds: float) -> Iterator[None]:
        """Hold the turn; wait for it `seconds` at most.

        Raises:
            Locked: somebody else has it, and kept it; or the lock's file cannot be made.
        """
        file = self._open()
        try:
            _lock(file, seconds)
            try:
                yield
            finally:
                fcntl.flock(file, fcntl.LOCK_UN)
        finally:
            self._free.append(file)

    def close(self) -> None:
        """Close the files that nobody holds."""
        while self._free:
            os.close(self._free.pop())

    def _open(self) -> int:
        # Each holder needs a file of its own: the lock belongs to an opening, not to a thread.
        with contextlib.suppress(IndexError):
            return self._free.pop()
        path = f"{self.database}-turn"
        try:
            return os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)
        except OSError as error:
            raise Locked(f"unable to open `{path}` ({error.strerror})") from error


def _lock(file: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise Locked("database is locked") from None
            time.sleep(LOOK_SECONDS)
        else:
            return
