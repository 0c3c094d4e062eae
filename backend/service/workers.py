"""Several workers on one port: processes that each run the whole service, kept by one parent.

Every worker listens on a socket of its own (`SO_REUSEPORT`), and the kernel deals new connections
out among them; with one socket for all, whoever wakes first takes most of a burst. A worker that
dies takes only the connections that it had, and is started again. All of them end with the parent,
however it dies (lifeline.py).
"""

import contextlib
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from backend import lifeline
from backend.errors import Refused
from backend.records.database import open_database
from backend.service import metrics
from backend.settings import ROOT, Settings

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 10.0
"""A worker that lived so long had started well: its successor starts at once."""
GRACE_SECONDS = 7.0
"""To end in: uvicorn gives those who are being answered five."""
SAFE_SQLITE = (3, 51, 3)


def supervise(settings: Settings) -> None:
    """Keep `settings.workers` workers running until told to stop by SIGTERM or SIGINT.

    Raises:
        Refused: the port is taken, or SQLite is too old for several processes.
        SchemaMismatch, Unavailable: the database cannot be used.
    """
    database = open_database(settings.database_url)
    try:
        refuse_old_sqlite(database.sqlite_version if database.is_sqlite else None)
    finally:
        database.dispose()
    listen(settings.host, settings.port).close()  # else the workers would share it with another
    asked = _Asked()
    with _counts() as folder:
        workers = [Worker(number, folder) for number in range(1, settings.workers + 1)]
        try:
            while not asked.to_stop:
                for worker in workers:
                    worker.look()
                time.sleep(LOOK_SECONDS)
        finally:
            _stop(workers)


def listen(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A socket that is to listen there, alone or `shared` with other workers' sockets.

    Raises:
        Refused: another program does already, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listening.bind((host.strip("[]"), port))
    except OSError as error:
        listening.close()
        raise Refused(
            f"The prediction service cannot listen on {host}:{port} ({error.strerror}). Stop what"
            " uses it, or set `WATCHDESK_PORT` to another port."
        ) from error
    return listening


def refuse_old_sqlite(version: str | None) -> None:
    """Check that several processes may write to this SQLite; None is PostgreSQL.

    Raises:
        Refused: it is older than 3.51.3, whose write-ahead log they can corrupt.
    """
    if version is not None and tuple(map(int, version.split("."))) < SAFE_SQLITE:
        raise Refused(
            f"`WATCHDESK_WORKERS` is above 1 and the database is SQLite {version}, in which several"
            " writing processes can corrupt the file; expected 3.51.3 or later. Install"
            " `requirements.txt` again, set `WATCHDESK_WORKERS=1`, or use PostgreSQL."
        )


class Worker:
    """One place among the workers, and the process that holds it."""

    def __init__(self, number: int, folder: Path) -> None:
        self.number = number
        self._folder = folder
        self._failures = 0
        self._resume_at: float | None = None
        self.child = self._spawn()

    def look(self) -> None:
        """Start it again if it ended: at once, or ever more seldom if it ends as it starts."""
        code = self.child.exit_code()
        if code is None:
            return
        if self._resume_at is None:
            self._bury(code)
        elif time.monotonic() >= self._resume_at:
            self._resume_at = None
            self.child = self._spawn()

    def _bury(self, code: int) -> None:
        metrics.forget(self.number, self._folder)
        steady = time.monotonic() - self.child.started > STEADY_SECONDS
        self._failures = 0 if steady else self._failures + 1
        pause = pause_after(self._failures)
        self._resume_at = time.monotonic() + pause
        log.warning(
            "Worker %d (process %d) ended by itself, %s; it is started again in %.1f s.",
            self.number,
            self.child.pid,
            f"killed by signal {-code}" if code < 0 else f"with exit code {code}",
            pause,
        )

    def _spawn(self) -> lifeline.Child:
        return lifeline.spawn(
            (sys.executable, "-m", "backend", "worker", str(self.number)),
            {**os.environ, metrics.FOLDER: str(self._folder)},
            cwd=ROOT,
        )


def pause_after(failures: int) -> float:
    """Seconds to wait after so many deaths in a row that came as soon as it had started."""
    return min(2.0 ** (failures - 2), LONGEST_PAUSE_SECONDS) if failures else 0.0


class _Asked:
    """Whether SIGTERM or SIGINT has come."""

    def __init__(self) -> None:
        self.to_stop = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  # a handler's form
        self.to_stop = True


def _stop(workers: list[Worker]) -> None:
    """End all at the same time; each finishes what it is answering."""
    for worker in workers:
        worker.child.signal(signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    for worker in workers:
        worker.child.stop(max(deadline - time.monotonic(), 0.0))


@contextlib.contextmanager
def _counts() -> Iterator[Path]:
    """A private folder for the workers' counts, in memory where there is such a place."""
    memory = Path("/dev/shm")  # noqa: S108  # the folder in it is ours alone
    parent = memory if memory.is_dir() and os.access(memory, os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="watchdesk-metrics-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def tidy_after(parent: int) -> Iterator[None]:
    """In a worker: remove the folder of counts at its end if `parent` is gone and could not."""
    try:
        yield
    finally:
        folder = os.environ.get(metrics.FOLDER)
        if folder and os.getppid() != parent:
            shutil.rmtree(folder, ignore_errors=True)
