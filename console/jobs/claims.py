"""What workers do with the queue: claim, say that they live, finish, and bury the dead.

A row belongs to the worker whose name it carries while it is `running`. Whoever writes its end
names that worker, so one that was taken for dead and comes back changes nothing any more.
"""

import os
import secrets
import socket
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from backend.records.database import Database, now
from backend.records.tables import jobs
from console.jobs.queue import silence

GONE_SECONDS = 5.0
"""On its own host a worker whose process is gone is dead after so long without a heartbeat.
(Not at once: containers may share a host name and not see each other's processes.)"""

WORKER_DIED = (
    "The worker that ran this job ended before it was finished. Nothing of it is half done;"
    " start it again."
)


def worker_name() -> str:
    """A name for this worker that no other has or had: host, process and a random part."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"


def claim(database: Database, worker: str) -> int | None:
    """Take the oldest job that waits and return its id; None if there is none.

    Any number of workers may call it at once: on SQLite the write lock orders them, on
    PostgreSQL each skips the rows that another has locked.
    """
    waiting = sa.select(jobs.c.id).where(jobs.c.state == "queued").order_by(jobs.c.id).limit(1)
    with database.read() as connection:  # idle workers must not take SQLite's only write lock
        if connection.scalar(waiting) is None:
            return None
    with database.write() as connection:
        found: int | None = connection.scalar(waiting.with_for_update(skip_locked=True))
        if found is not None:
            connection.execute(
                jobs.update()
                .where(jobs.c.id == found)
                .values(state="running", worker=worker, started_at=now(), heartbeat_at=now())
            )
    return found


def take(database: Database, job_id: int, worker: str) -> bool:
    """Take one job that waits; False if it does not, or somebody else took it."""
    waits = jobs.update().where(jobs.c.id == job_id, jobs.c.state == "queued")
    taken = waits.values(state="running", worker=worker, started_at=now(), heartbeat_at=now())
    with database.write() as connection:
        return connection.execute(taken).rowcount > 0


def held(database: Database, worker: str) -> dict[int, bool]:
    """The jobs that this worker runs: id → whether its cancelling was asked for."""
    with database.read() as connection:
        rows = connection.execute(
            sa.select(jobs.c.id, jobs.c.cancel_requested).where(*_of(worker))
        ).all()
    return {row.id: row.cancel_requested for row in rows}


def heartbeat(database: Database, worker: str, running: Collection[int]) -> None:
    """Say that this worker and the jobs that it is running live."""
    with database.write() as connection:
        connection.execute(
            jobs.update().where(*_of(worker), jobs.c.id.in_(running)).values(heartbeat_at=now())
        )


def finish(
    database: Database,
    job_id: int,
    worker: str,
    state: str,
    *,
    error: str | None = None,
    result: Mapping[str, Any] | None = None,
) -> bool:
    """End a job; returns False if it had ended, or was not this worker's any more."""
    values: dict[str, Any] = {"state": state, "error": error, "ended_at": now()}
    if state == "done":
        values |= {"result": None if result is None else dict(result), "progress": 1.0}
    with database.write() as connection:
        ended = jobs.update().where(jobs.c.id == job_id, *_of(worker)).values(**values)
        return connection.execute(ended).rowcount > 0


def bury(database: Database, running: Collection[int] = ()) -> list[int]:
    """Mark the jobs that nobody runs any more as `interrupted`, and return their ids.

    `running` are those that the caller runs itself.
    """
    with database.read() as connection:
        rows = connection.execute(
            sa.select(jobs.c.id, jobs.c.worker, jobs.c.heartbeat_at).where(
                jobs.c.state == "running", jobs.c.id.not_in(running)
            )
        ).all()
    return [
        row.id
        for row in rows
        if now() - row.heartbeat_at > _patience(row.worker)
        and finish(database, row.id, row.worker, "interrupted", error=WORKER_DIED)
    ]


def _of(worker: str) -> tuple[sa.ColumnElement[bool], ...]:
    return jobs.c.state == "running", jobs.c.worker == worker


def _patience(worker: str) -> int:
    host, _, rest = worker.partition(":")
    pid = rest.partition(":")[0]
    if host == socket.gethostname()[:60] and pid.isdecimal() and not _lives(int(pid)):
        return int(GONE_SECONDS * 1_000_000)
    return silence()


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's, so it is there
        return True
    return True
