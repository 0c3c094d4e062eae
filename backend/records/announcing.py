"""Telling the webhook of a promotion: the job that does it, and the next one where it failed.

The job is queued in the transaction that moves the alias, so that no promotion is forgotten. One
that fails is followed by another after ever longer pauses; what was tried stays as jobs.
"""

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.records.database import Database, now
from backend.records.tables import jobs, promotions

KIND: Final = "promotion_webhook"
MOST_ATTEMPTS: Final = 10
FIRST_PAUSE: Final = 30_000_000
LONGEST_PAUSE: Final = 3_600_000_000
_LOOK_BACK: Final = 86_400_000_000
_ENDED_BADLY: Final = ("failed", "interrupted")


def queue(connection: Connection, promotion_id: int, *, by: str, attempt: int = 1) -> int:
    """Queue the job in the caller's transaction, and return its id."""
    row = jobs.insert().values(
        kind=KIND,
        params={"promotion": promotion_id, "attempt": attempt},
        state="queued",
        progress=0.0,
        message="",
        log="",
        cancel_requested=False,
        submitted_at=now(),
        submitted_by=by,
    )
    return int(connection.execute(row.returning(jobs.c.id)).scalar_one())


def queued(database: Database, promotion_id: int) -> int | None:
    """The job of a promotion that waits to be run; None if there is none."""
    with database.read() as connection:
        rows = connection.execute(_of_kind(("queued",))).all()
    return next((row.id for row in rows if row.params.get("promotion") == promotion_id), None)


def pause(attempts: int) -> int:
    """How long to wait (µs) after so many attempts: 30 s, doubled each time up to an hour."""
    return int(min(FIRST_PAUSE * 2 ** max(attempts - 1, 0), LONGEST_PAUSE))


def again(database: Database, moment: int | None = None) -> list[int]:
    """Queue the next attempt of each promotion whose last one failed, when its pause is over.

    Any number of workers may call it at once. After 10 attempts it is given up.

    Args:
        moment: UTC µs; None: now.

    Returns:
        The ids of the new jobs.
    """
    at = now() if moment is None else moment
    with database.read() as connection:
        failed = connection.execute(_of_kind(_ENDED_BADLY, ended_after=at - _LOOK_BACK)).all()
    due = [row for row in failed if _is_due(row.params, row.ended_at, at)]
    made = [_next(database, row.id, row.params, row.submitted_by) for row in due]
    return [job_id for job_id in made if job_id is not None]


def _is_due(params: Mapping[str, Any], ended_at: int, at: int) -> bool:
    attempts = int(params.get("attempt", 1))
    return attempts < MOST_ATTEMPTS and ended_at + pause(attempts) <= at


def _next(database: Database, job_id: int, params: Mapping[str, Any], by: str) -> int | None:
    """Queue the attempt after a job's, unless there is a later one or nothing to tell of."""
    promotion_id = int(params["promotion"])
    with database.read() as connection:  # nearly always there is: do not take the write lock
        if _has_later(connection, promotion_id, job_id):
            return None
    with database.write() as connection:
        this = sa.select(promotions.c.id).where(promotions.c.id == promotion_id)
        # The lock makes workers on PostgreSQL take turns.
        if connection.scalar(this.with_for_update()) is None:
            return None
        if _has_later(connection, promotion_id, job_id):
            return None
        return queue(connection, promotion_id, by=by, attempt=int(params.get("attempt", 1)) + 1)


def _has_later(connection: Connection, promotion_id: int, job_id: int) -> bool:
    query = sa.select(jobs.c.params).where(jobs.c.kind == KIND, jobs.c.id > job_id)
    return any(params.get("promotion") == promotion_id for params in connection.scalars(query))


def _of_kind(states: tuple[str, ...], ended_after: int | None = None) -> sa.Select[Any]:
    c = jobs.c
    query = sa.select(c.id, c.params, c.ended_at, c.submitted_by)
    query = query.where(c.state.in_(states), c.kind == KIND).order_by(c.id)
    return query if ended_after is None else query.where(c.ended_at > ended_after)
