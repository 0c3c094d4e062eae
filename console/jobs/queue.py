"""The queue: rows of `jobs`, as pages see them. What workers do with them is in `claims`.

queued ──> running ──> done | failed | cancelled | interrupted
   └─────────────────────────────────────^
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from backend.errors import NotFound
from backend.records import blobs
from backend.records.database import Database, now
from backend.records.tables import job_files, jobs

ACTIVE = ("queued", "running")
SILENT_SECONDS = 15.0
"""A worker that has not been heard of for so long is taken for dead."""


@dataclass(frozen=True)
class Job:
    """A job as it stands. Times are UTC µs, `progress` lies in [0, 1].

    `result` is what a job that is `done` returned; `error` says why another did not get there.
    """

    id: int
    kind: str
    params: Mapping[str, Any]
    state: str
    progress: float
    message: str
    log: str
    result: Mapping[str, Any] | None
    error: str | None
    cancel_requested: bool
    worker: str | None
    submitted_at: int
    submitted_by: str
    started_at: int | None
    heartbeat_at: int | None
    ended_at: int | None
    workers_busy: bool = False
    """Whether a worker that lives is running another job, which this one may have to wait for."""

    @property
    def is_active(self) -> bool:
        """Whether it is still to be done."""
        return self.state in ACTIVE

    @property
    def is_stuck(self) -> bool:
        """Whether it waits for a worker that does not seem to be there."""
        waited = now() - self.submitted_at
        return self.state == "queued" and not self.workers_busy and waited > silence()


def silence() -> int:
    """`SILENT_SECONDS` in µs."""
    return int(SILENT_SECONDS * 1_000_000)


def submit(database: Database, kind: str, params: Mapping[str, Any], *, by: str) -> int:
    """Queue a job and return its id. `params` must be JSON; kinds are in `console.jobs.kinds`."""
    with database.write() as connection:
        row = jobs.insert().values(
            kind=kind,
            params=dict(params),
            state="queued",
            progress=0.0,
            message="",
            log="",
            cancel_requested=False,
            submitted_at=now(),
            submitted_by=by,
        )
        return int(connection.execute(row.returning(jobs.c.id)).scalar_one())


def get(database: Database, job_id: int) -> Job:
    """One job.

    Raises:
        NotFound: there is none of that id.
    """
    found = _select(database, jobs.c.id == job_id, limit=1)
    if not found:
        raise NotFound(f"There is no job {job_id}.")
    return found[0]


def recent(
    database: Database,
    kind: str | None = None,
    limit: int = 20,
    states: Sequence[str] | None = None,
) -> list[Job]:
    """The newest jobs, of a kind and in some states if given; newest first."""
    wanted = sa.true() if kind is None else jobs.c.kind == kind
    if states is not None:
        wanted = sa.and_(wanted, jobs.c.state.in_(states))
    return _select(database, wanted, limit)


def active(database: Database, kind: str | None = None) -> list[Job]:
    """The jobs that wait or run; newest first."""
    return recent(database, kind, limit=100, states=ACTIVE)


def cancel(database: Database, job_id: int) -> None:
    """Cancel a job: at once when it waits, within seconds when it runs. One that ended stays.

    Raises:
        NotFound: there is none of that id.
    """
    this = jobs.c.id == job_id
    with database.write() as connection:
        if connection.scalar(sa.select(jobs.c.id).where(this)) is None:
            raise NotFound(f"There is no job {job_id}.")
        connection.execute(
            jobs.update()
            .where(this, jobs.c.state == "queued")
            .values(state="cancelled", cancel_requested=True, ended_at=now())
        )
        connection.execute(
            jobs.update().where(this, jobs.c.state == "running").values(cancel_requested=True)
        )


def file(database: Database, job_id: int, name: str) -> tuple[bytes, str]:
    """A file that a job kept: its bytes and their media type.

    Raises:
        NotFound: the job does not exist or kept no such file.
        ArtefactDamaged: its bytes are missing or altered.
    """
    with database.read() as connection:
        found = connection.execute(
            sa.select(job_files.c.sha256, job_files.c.media_type).where(
                job_files.c.job_id == job_id, job_files.c.name == name
            )
        ).one_or_none()
    if found is None:
        raise NotFound(f"Job {job_id} kept no file `{name}`.")
    return blobs.fetch(database, found.sha256), str(found.media_type)


def _select(database: Database, wanted: sa.ColumnElement[bool], limit: int) -> list[Job]:
    with database.read() as connection:
        rows = (
            connection.execute(
                sa.select(jobs).where(wanted).order_by(jobs.c.id.desc()).limit(limit)
            )
            .mappings()
            .all()
        )
        busy = any(row["state"] == "queued" for row in rows) and connection.scalar(
            sa.select(
                sa.exists().where(
                    jobs.c.state == "running", jobs.c.heartbeat_at > now() - silence()
                )
            )
        )
    return [Job(**row, workers_busy=bool(busy)) for row in rows]
