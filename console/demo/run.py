"""Loading, resetting and removing the demo: as a job, and in the foreground for the shell."""

from collections.abc import Callable
from typing import Any, Protocol

from backend.errors import Refused
from backend.records.database import Database, now
from backend.settings import Settings
from console import jobs
from console.demo.load import load, remove

Report = Callable[[float, str], None]

JOB_PATIENCE_SECONDS = 30.0
SILENT_AFTER = 15_000_000  # µs without a heartbeat: its worker is taken for dead


class Context(Protocol):
    """What a job is given (`console.jobs`), as far as the demo needs it."""

    @property
    def database(self) -> Database: ...

    @property
    def settings(self) -> Settings: ...

    @property
    def job_id(self) -> int: ...

    @property
    def by(self) -> str: ...

    def progress(self, share: float, message: str) -> None:
        """Show how far the job is; raises when it was cancelled."""


def run_job(context: Context, *, reset: bool = False, remove: bool = False) -> dict[str, Any]:
    """Load the demo as a job; it waits for the service, which starts at the same time.

    Args:
        context: the job's.
        reset: remove what is there of the demo first.
        remove: only remove it.

    Returns:
        As `run`.

    Raises:
        Refused, Unavailable: as `run`.
    """
    return run(
        context.database,
        context.settings,
        by=context.by,
        report=context.progress,
        reset=reset,
        only_remove=remove,
        patience_seconds=JOB_PATIENCE_SECONDS,
        job_id=context.job_id,
    )


def run(
    database: Database,
    settings: Settings,
    *,
    by: str,
    report: Report,
    reset: bool = False,
    only_remove: bool = False,
    patience_seconds: float = 0.0,
    job_id: int | None = None,
) -> dict[str, Any]:
    """Load the demo, or remove it, or both in turn.

    Returns:
        What `load` returns, or `remove`.

    Raises:
        Refused: another job is at the demo just now, or a model of the demo's name is not its own.
        Unavailable: no service can be reached or started.
    """
    _check_alone(database, job_id)
    if only_remove:
        return remove(database, by, report)
    if reset:
        remove(database, by, lambda _share, message: report(0.0, message))
    return load(database, settings, by=by, report=report, patience_seconds=patience_seconds)


def _check_alone(database: Database, job_id: int | None) -> None:
    for job in jobs.active(database, "demo"):
        alive = job.heartbeat_at is not None and now() - job.heartbeat_at < SILENT_AFTER
        if job.id != job_id and job.state == "running" and alive:
            raise Refused(
                f"Job {job.id} is loading or removing the demo just now. Wait until it has ended,"
                " or cancel it."
            )
