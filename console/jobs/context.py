"""What a running job holds: the database, the settings, and its line to those who watch it."""

import contextlib
import re
import threading
from typing import Any

import sqlalchemy as sa

from backend.errors import Unavailable, Unusable
from backend.records import blobs
from backend.records.database import Database
from backend.records.tables import job_files, jobs
from backend.settings import Settings
from console.jobs.queue import Job

FLUSH_SECONDS = 0.5
MOST_LOG_CHARACTERS = 64_000
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")


class Cancelled(BaseException):
    """Somebody cancelled the job, or its worker is stopping.

    Not an `Exception`, so that what a job does against errors does not swallow it.
    """


class JobContext:
    """Passed to a job's function. Progress and log reach the database within half a second.

    A thread of its own writes them, so reporting costs a job nothing, however often it does.
    """

    def __init__(self, database: Database, settings: Settings, job: Job) -> None:
        self.database = database
        self.settings = settings
        self.job_id = job.id
        self.by = job.submitted_by
        self._progress = job.progress
        self._message = job.message
        self._log = job.log
        self._changed = False
        self._cancelled = False
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._keep_flushing, name="job log", daemon=True)
        self._thread.start()

    def progress(self, share: float, message: str) -> None:
        """Say how far the job is (`share` in [0, 1]) and what it does now.

        Raises:
            Cancelled: somebody asked for the job to stop.
        """
        if self._cancelled:
            raise Cancelled
        self._progress, self._message = min(max(float(share), 0.0), 1.0), message
        self._changed = True

    def log(self, line: str) -> None:
        """Add a line to the job's log, which keeps its last 64,000 characters."""
        self._log = f"{self._log}{line.rstrip()}\n"[-MOST_LOG_CHARACTERS:]
        self._changed = True

    def keep(self, name: str, content: bytes, media_type: str) -> None:
        """Keep a file with the job, in place of one of the same name: `jobs.file` finds it.

        Raises:
            Unusable: the name is not made of letters, digits, `.`, `_` and `-`.
            TooLarge: it has more than 512 MB.
        """
        if not FILE_NAME.fullmatch(name):
            raise Unusable(
                f"A job cannot keep a file named `{name}`; expected at most 60 letters, digits,"
                " dots, dashes and underscores, with a letter or digit first."
            )
        sha256 = blobs.store(self.database, content)
        same = sa.and_(job_files.c.job_id == self.job_id, job_files.c.name == name)
        with self.database.write() as connection:
            connection.execute(job_files.delete().where(same))
            connection.execute(
                job_files.insert().values(
                    job_id=self.job_id, name=name, sha256=sha256, media_type=media_type
                )
            )

    def close(self) -> None:
        """Write what is not written yet."""
        self._closing.set()
        self._thread.join()

    def _keep_flushing(self) -> None:
        last = False
        while not last:
            last = self._closing.wait(FLUSH_SECONDS)
            # A busy database: the next round writes all of it.
            with contextlib.suppress(Unavailable):
                self._flush()

    def _flush(self) -> None:
        this = jobs.c.id == self.job_id
        with self.database.read() as connection:
            state = connection.execute(
                sa.select(jobs.c.state, jobs.c.cancel_requested).where(this)
            ).one_or_none()
        # Ended by somebody else (its worker was taken for dead): nobody waits for the rest.
        self._cancelled = state is None or state.cancel_requested or state.state != "running"
        if not self._changed:
            return
        self._changed = False
        values: dict[str, Any] = {
            "progress": self._progress,
            "message": self._message,
            "log": self._log,
        }
        try:
            with self.database.write() as connection:
                connection.execute(
                    jobs.update().where(this, jobs.c.state == "running").values(**values)
                )
        except Unavailable:
            self._changed = True
            raise
