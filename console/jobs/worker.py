"""The worker: claims jobs and runs each in a process of its own. `python -m console work`.

It reads the queue twice a second and says that it lives every two seconds. While rows of the log
wait to be summarised it keeps a process for that too, and one that evaluates monitors where there
are any; it tries webhooks of promotions again that failed, and every few minutes anchors the audit
log, if that has grown. Whatever ends, nothing is
left in between: a job's process that dies, or is killed with the worker, leaves a row that this
worker or the next marks `interrupted`, and a worker's jobs end with it (`backend.lifeline`).
"""

import dataclasses
import logging
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

from backend import lifeline
from backend.errors import Unavailable
from backend.records import announcing, blobs
from backend.records.database import Database, open_database
from backend.settings import ROOT, Settings
from backend.versions import anchors
from console.jobs import claims, queue
from console.jobs.monitoring import Monitoring
from console.jobs.summarising import Summarising

TICK_SECONDS = 0.5
HEARTBEAT_SECONDS = 2.0
BURY_SECONDS = 2.0
SWEEP_SECONDS = 3_600.0
SUMMARIES_SECONDS = 2.0
MONITORS_SECONDS = 5.0
WEBHOOKS_SECONDS = 5.0
ANCHORS_SECONDS = 300.0
GRACE_SECONDS = 3.0
"""From SIGTERM to SIGKILL; less than the launcher leaves the worker itself."""

RUN_A_JOB = (sys.executable, "-m", "console.jobs.child")
STOPPED = "The worker was stopped while this job ran. Nothing of it is half done; start it again."
logger = logging.getLogger("watchdesk.worker")


def work(
    settings: Settings,
    once: bool = False,
    concurrency: int = 1,
    command: Sequence[str] = RUN_A_JOB,
) -> None:
    """Run jobs until told to stop by SIGTERM or SIGINT.

    Args:
        once: return when no job waits and none runs.
        concurrency: how many jobs may run at a time, from 1.
        command: what runs a job; its id is appended.

    Raises:
        SchemaMismatch, Unavailable: the database cannot be used.
    """
    lifeline.guard_from_environment()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    database = open_database(settings.database_url)
    worker = Worker(database, settings, concurrency, command)
    try:
        with _told_to_stop() as told:
            worker.run(told, once)
    finally:
        database.dispose()


class Worker:
    """One worker's jobs, and when it does what."""

    def __init__(
        self, database: Database, settings: Settings, concurrency: int, command: Sequence[str]
    ) -> None:
        self.name = claims.worker_name()
        self._database = database
        self._settings = settings
        self._environment = _environment(settings)
        self._concurrency = concurrency
        self._command = command
        self._running: dict[int, lifeline.Child] = {}
        self._deadlines: dict[int, float] = {}
        self._due: dict[str, float] = {}
        self._summarising = Summarising(database, self._environment)
        self._monitoring = Monitoring(database, self._environment)

    def run(self, told: list[int], once: bool = False) -> None:
        """Work until `told` is not empty; with `once`, until there is nothing to do."""
        logger.info("worker %s waits for jobs", self.name)
        while not told:
            try:
                if self._is_due("webhooks", WEBHOOKS_SECONDS):
                    announcing.again(self._database)
                self._tick()
                if once and not self._running:
                    return
                if not once and self._is_due("summaries", SUMMARIES_SECONDS):
                    self._summarising.look()
                if not once and self._is_due("monitors", MONITORS_SECONDS):
                    self._monitoring.look()
                if not once and self._is_due("anchors", ANCHORS_SECONDS):
                    anchors.keep(self._database, self._settings)
            except Unavailable as error:
                logger.warning("%s", error.detail)
            time.sleep(TICK_SECONDS)
        self._stop_all()

    def _tick(self) -> None:
        self._watch()
        if self._running and self._is_due("heartbeat", HEARTBEAT_SECONDS):
            claims.heartbeat(self._database, self.name, self._running)
        if self._is_due("bury", BURY_SECONDS):
            for job_id in claims.bury(self._database, self._running):
                logger.warning("job %d interrupted: its worker died", job_id)
        if self._is_due("sweep", SWEEP_SECONDS):
            # A day: an upload waits unnamed until its job has run.
            blobs.sweep(self._database, older_than_seconds=86_400)
        while len(self._running) < self._concurrency:
            claimed = claims.claim(self._database, self.name)
            if claimed is None:
                break
            self._start(claimed)

    def _start(self, job_id: int) -> None:
        try:
            child = lifeline.spawn([*self._command, str(job_id)], self._environment, ROOT)
        except OSError as error:
            why = f"The job's process cannot be started ({error.strerror}). Start it again later."
            claims.finish(self._database, job_id, self.name, "failed", error=why)
            logger.warning("job %d failed: %s", job_id, why)
        else:
            self._running[job_id] = child

    def _watch(self) -> None:
        """See which jobs ended, and stop those that were cancelled or are no longer ours."""
        if not self._running:
            return
        held = claims.held(self._database, self.name)
        for job_id, child in list(self._running.items()):
            code: int | None = child.exit_code()
            if code is not None:
                self._ended(job_id, code)
            elif held.get(job_id, True):
                self._end(job_id, child)

    def _end(self, job_id: int, child: lifeline.Child) -> None:
        deadline = self._deadlines.get(job_id)
        if deadline is None:
            self._deadlines[job_id] = time.monotonic() + GRACE_SECONDS
            child.signal(signal.SIGTERM)
        elif time.monotonic() > deadline:
            child.signal(signal.SIGKILL)

    def _ended(self, job_id: int, code: int) -> None:
        took = time.monotonic() - self._running[job_id].started
        if claims.held(self._database, self.name).get(job_id):
            claims.finish(self._database, job_id, self.name, "cancelled")
        else:
            # Does nothing when the job wrote its own end.
            claims.finish(self._database, job_id, self.name, "interrupted", error=_left(code))
        del self._running[job_id]
        self._deadlines.pop(job_id, None)
        job = queue.get(self._database, job_id)
        said = f": {job.error}" if job.error else ""
        logger.info("job %d %s %s in %.1f s%s", job_id, job.kind, job.state, took, said)

    def _stop_all(self) -> None:
        for child in self._running.values():
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        for child in self._running.values():
            child.stop(max(deadline - time.monotonic(), 0.0))
        self._summarising.stop(max(deadline - time.monotonic(), 0.0))
        self._monitoring.stop(max(deadline - time.monotonic(), 0.0))
        for job_id in self._running:
            # A database that is gone: the next worker marks the row.
            with suppress(Unavailable):
                claims.finish(self._database, job_id, self.name, "interrupted", error=STOPPED)
            logger.info("job %d interrupted: the worker was stopped", job_id)
        self._running.clear()

    def _is_due(self, what: str, every_seconds: float) -> bool:
        if time.monotonic() < self._due.get(what, 0.0):
            return False
        self._due[what] = time.monotonic() + every_seconds
        return True


def _left(code: int) -> str:
    if code == -signal.SIGKILL:
        how = "was killed (signal 9; the system does so when memory runs out)"
    elif code < 0:
        how = f"was killed (signal {-code})"
    else:
        how = f"left without a result (exit code {code})"
    return f"The job's process {how}. Nothing of it is half done; start it again."


@contextmanager
def _told_to_stop() -> Iterator[list[int]]:
    """A list to which SIGTERM and SIGINT add themselves."""
    told: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        told.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _environment(settings: Settings) -> dict[str, str]:
    """The variables of a job's process: this one's, and the settings as they are here."""
    values = {field.name: getattr(settings, field.name) for field in dataclasses.fields(settings)}
    values["allowed_hosts"] = ",".join(settings.allowed_hosts)
    values["demo"] = "yes" if settings.demo else "no"
    ours = {f"WATCHDESK_{name.upper()}": value for name, value in values.items()}
    others = {name: value for name, value in os.environ.items() if name not in ours}
    return others | {name: str(value) for name, value in ours.items() if value is not None}
