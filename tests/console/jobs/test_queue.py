"""The queue on a real SQLite file and, where the dialect matters, on a real PostgreSQL."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import pytest

from backend.errors import NotFound
from backend.records.database import Database, connect, migrate, now
from backend.records.tables import jobs as table
from console import jobs
from console.jobs import claims

SECOND = 1_000_000


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Database]:
    """An empty database on PostgreSQL."""
    migrate(postgres_url)
    database = connect(postgres_url)
    yield database
    database.dispose()


def queued(database: Database, count: int = 1, kind: str = "sweep") -> list[int]:
    return [jobs.submit(database, kind, {"n": n}, by="tester") for n in range(count)]


def set_row(database: Database, job_id: int, **values: object) -> None:
    with database.write() as connection:
        connection.execute(table.update().where(table.c.id == job_id).values(**values))


def drain(database: Database, worker: str) -> list[int]:
    found = []
    while (job_id := claims.claim(database, worker)) is not None:
        found.append(job_id)
    return found


def test_a_submitted_job_waits_with_its_parameters(database: Database) -> None:
    (job_id,) = queued(database, kind="train")
    job = jobs.get(database, job_id)
    assert (job.kind, job.state, job.params, job.submitted_by) == (
        *("train", "queued"),
        {"n": 0},
        "tester",
    )
    assert job.is_active
    assert (job.progress, job.result, job.error, job.worker) == (0.0, None, None, None)


def test_recent_jobs_come_newest_first_and_by_kind_and_state(database: Database) -> None:
    first, second = queued(database, 2)
    (third,) = queued(database, kind="train")
    claims.claim(database, "w")
    assert [job.id for job in jobs.recent(database)] == [third, second, first]
    assert [job.id for job in jobs.recent(database, "sweep", limit=1)] == [second]
    assert [job.id for job in jobs.recent(database, states=["running"])] == [first]
    claims.finish(database, first, "w", "done")
    assert [job.id for job in jobs.active(database)] == [third, second]


def test_an_unknown_job_is_a_sentence(database: Database) -> None:
    for ask in (jobs.get, jobs.cancel):
        with pytest.raises(NotFound, match=r"^There is no job 7\.$"):
            ask(database, 7)
    with pytest.raises(NotFound, match=r"^Job 7 kept no file `x\.html`\.$"):
        jobs.file(database, 7, "x.html")


def test_the_oldest_job_is_claimed_first_and_only_once(database: Database) -> None:
    ids = queued(database, 3)
    assert drain(database, "w") == ids
    job = jobs.get(database, ids[0])
    assert (job.state, job.worker) == ("running", "w")
    assert job.started_at == pytest.approx(job.heartbeat_at, abs=SECOND)


@pytest.mark.parametrize("of", ["database", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_workers_that_claim_at_the_same_time_never_share_a_job(
    of: str, request: pytest.FixtureRequest
) -> None:
    shared: Database = request.getfixturevalue(of)
    ids = queued(shared, 40)
    names = [f"w{n}" for n in range(4)]
    with ThreadPoolExecutor(4) as pool:
        claimed = list(pool.map(lambda name: drain(shared, name), names))
    assert sorted(chain.from_iterable(claimed)) == ids
    for name, theirs in zip(names, claimed, strict=True):
        assert {jobs.get(shared, job_id).worker for job_id in theirs} <= {name}
        assert set(claims.held(shared, name)) == set(theirs)


def test_cancelling_ends_a_waiting_job_and_asks_a_running_one(database: Database) -> None:
    first, second = queued(database, 2)
    claims.claim(database, "w")
    jobs.cancel(database, first)
    jobs.cancel(database, second)
    assert jobs.get(database, first).state == "running"
    assert claims.held(database, "w") == {first: True}
    assert jobs.get(database, second).state == "cancelled"
    assert claims.claim(database, "w") is None


def test_cancelling_a_finished_job_changes_nothing(database: Database) -> None:
    (job_id,) = queued(database)
    claims.claim(database, "w")
    claims.finish(database, job_id, "w", "done", result={"n": 1})
    before = jobs.get(database, job_id)
    jobs.cancel(database, job_id)
    assert jobs.get(database, job_id) == before
    assert (before.state, before.progress, before.result) == ("done", 1.0, {"n": 1})


def test_a_worker_that_was_taken_for_dead_changes_nothing_any_more(database: Database) -> None:
    (job_id,) = queued(database)
    claims.claim(database, "far:1:a")
    set_row(database, job_id, heartbeat_at=now() - 16 * SECOND)
    assert claims.bury(database) == [job_id]
    assert not claims.finish(database, job_id, "far:1:a", "done", result={})
    claims.heartbeat(database, "far:1:a", [job_id])
    job = jobs.get(database, job_id)
    assert (job.state, job.error) == ("interrupted", claims.WORKER_DIED)


def test_a_silent_worker_is_dead_after_15_seconds_and_at_home_5_after_its_process(
    database: Database,
) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    here = socket.gethostname()[:60]
    silent = {
        f"far:{os.getpid()}:a": (14, 16),  # elsewhere a process id says nothing
        f"{here}:{os.getpid()}:b": (14, 16),  # a process of that id lives here
        f"{here}:{gone.pid}:c": (4, 6),
    }
    for worker, (alive, dead) in silent.items():
        (job_id,) = queued(database)
        claims.claim(database, worker)
        set_row(database, job_id, heartbeat_at=now() - alive * SECOND)
        assert claims.bury(database) == []
        set_row(database, job_id, heartbeat_at=now() - dead * SECOND)
        assert claims.bury(database, running=[job_id]) == []
        assert claims.bury(database) == [job_id]


def test_a_heartbeat_counts_for_the_jobs_that_are_named(database: Database) -> None:
    first, second = queued(database, 2)
    drain(database, "w")
    for job_id in (first, second):
        set_row(database, job_id, heartbeat_at=0)
    claims.heartbeat(database, "w", [first])
    assert jobs.get(database, second).heartbeat_at == 0
    assert now() - (jobs.get(database, first).heartbeat_at or 0) < 5 * SECOND


def test_a_job_is_stuck_when_nobody_takes_it_and_not_when_the_worker_is_busy(
    database: Database,
) -> None:
    first, second = queued(database, 2)
    assert not jobs.get(database, first).is_stuck
    for job_id in (first, second):
        set_row(database, job_id, submitted_at=now() - 16 * SECOND)
    assert jobs.get(database, first).is_stuck
    claims.claim(database, "w")
    assert not jobs.get(database, first).is_stuck
    assert not jobs.get(database, second).is_stuck
    set_row(database, first, heartbeat_at=now() - 16 * SECOND)
    assert jobs.get(database, second).is_stuck


def test_two_workers_of_one_process_have_different_names_that_fit_their_column() -> None:
    first, second = claims.worker_name(), claims.worker_name()
    assert first != second
    assert len(first) <= 100
