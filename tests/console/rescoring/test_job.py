"""The job: its result, its end when cancelled, and how large the result may become."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from backend.errors import NotFound
from backend.records.database import Database
from backend.records.registry import Version
from backend.records.tables import predictions as log_table
from backend.records.tables import shadow_predictions, summaries
from backend.settings import Settings
from backend.versions.artefacts import Store
from console import jobs
from console.jobs import child, claims
from console.jobs.context import Cancelled, JobContext
from console.jobs.kinds import KINDS
from console.rescoring import from_json, rescore
from console.rescoring.job import MOST_CHARACTERS, run_job, within
from tests.conftest import Problem
from tests.console.rescoring.logs import EVER, log, other, tell

Registered = Callable[..., Version]
Problems = dict[str, Problem]
WINDOW = {"start": EVER.start, "end": EVER.end}


@pytest.fixture
def begun(database: Database, settings: Settings) -> Iterator[Callable[..., JobContext]]:
    """A function giving the context of a job that a worker has begun, by its parameters."""
    made: list[JobContext] = []

    def begin(**params: Any) -> JobContext:
        job_id = jobs.submit(database, "rescore", params, by="tester")
        claims.claim(database, "w")
        made.append(JobContext(database, settings, jobs.get(database, job_id)))
        return made[-1]

    yield begin
    for context in made:
        context.close()


def test_a_job_keeps_the_rescoring_and_logs_nothing(
    database: Database,
    store: Store,
    begun: Callable[..., JobContext],
    registered: Registered,
    problems: Problems,
) -> None:
    problem = problems["breast_cancer"]
    logged = log(database, store, registered(), problem.frame)
    tell(database, logged, problem.truth)
    version = other(database, store, problem)
    before = logged_rows(database)
    context = begun(model="breast_cancer", version=2, source="live", against=1, **WINDOW)
    outcome = child._run(jobs.get(database, context.job_id), context, KINDS)
    context.close()
    claims.finish(database, context.job_id, "w", **outcome)
    job = jobs.get(database, context.job_id)
    assert (job.state, job.progress, job.message) == ("done", 1.0, "Answered 569 rows.")
    assert job.result is not None
    found = from_json(job.result["rescoring"])
    expected = rescore(database, version, EVER, store, source="live", against=1)
    assert found.message == expected.message
    assert found.truth == expected.truth
    assert found.rows_sample["prediction_id"].tolist() == (
        expected.rows_sample["prediction_id"].tolist()
    )
    assert len(json.dumps(job.result)) < MOST_CHARACTERS
    assert logged_rows(database) == before


def test_a_cancelled_job_ends_between_two_batches(
    database: Database,
    store: Store,
    begun: Callable[..., JobContext],
    registered: Registered,
    problems: Problems,
) -> None:
    log(database, store, registered("iris"), problems["iris"].frame)
    with database.write() as connection:  # so far apart that it takes five batches to read all
        c = log_table.c
        connection.execute(log_table.update().where(c.id > 75).values(id=c.id + 200_000))
    context = begun(model="iris", version=1, **WINDOW)
    reads = []

    @sa.event.listens_for(database.engine, "after_cursor_execute")
    def _cancel(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "predictions.features" not in statement:
            return
        reads.append(statement)
        if len(reads) == 2:
            jobs.cancel(database, context.job_id)
            deadline = time.monotonic() + 20
            while not context._cancelled and time.monotonic() < deadline:
                time.sleep(0.02)

    with pytest.raises(Cancelled):
        child._run(jobs.get(database, context.job_id), context, KINDS)
    assert len(reads) == 2
    assert jobs.get(database, context.job_id).result is None


def test_a_version_that_is_not_there_is_a_sentence(
    begun: Callable[..., JobContext], registered: Registered, database: Database
) -> None:
    registered("iris")
    context = begun(model="iris", version=7, **WINDOW)
    outcome = child._run(jobs.get(database, context.job_id), context, KINDS)
    assert outcome["state"] == "failed"
    with pytest.raises(NotFound) as refused:
        run_job(context, model="iris", version=7, start=EVER.start, end=EVER.end)
    assert outcome["error"] == refused.value.detail


def test_a_result_of_wide_rows_keeps_some_of_each_kind() -> None:
    kinds = ["newly_wrong"] * 40 + ["newly_right"] * 40 + ["changed"] * 40
    document = {
        "rows": 7,
        "sample": {"columns": ["kind", "x"], "rows": [[kind, "é" * 2_000] for kind in kinds]},
    }
    found = within(document, MOST_CHARACTERS)
    assert len(json.dumps(document)) > 1_000_000
    assert len(json.dumps(found)) <= MOST_CHARACTERS
    kept = [kind for kind, _ in found["sample"]["rows"]]
    assert list(dict.fromkeys(kept)) == ["newly_wrong", "newly_right", "changed"]
    assert within(document, 100)["sample"]["rows"] == []
    assert within(found, MOST_CHARACTERS) == found


def logged_rows(database: Database) -> list[list[Any]]:
    with database.read() as connection:
        return [
            [tuple(row) for row in connection.execute(sa.select(table))]
            for table in (log_table, shadow_predictions, summaries)
        ]
