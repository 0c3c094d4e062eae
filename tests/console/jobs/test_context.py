"""What a running job may do: report, log, keep files, and hear that it is to stop."""

import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from backend.errors import Unusable
from backend.records import blobs
from backend.records.database import Database
from backend.settings import Settings
from console import jobs
from console.jobs import child, claims, kinds
from console.jobs.context import FLUSH_SECONDS, MOST_LOG_CHARACTERS, Cancelled, JobContext


@pytest.fixture
def context(database: Database, settings: Settings) -> Iterator[JobContext]:
    """The context of a job that worker `w` runs."""
    job_id = jobs.submit(database, "sweep", {}, by="tester")
    claims.claim(database, "w")
    found = JobContext(database, settings, jobs.get(database, job_id))
    yield found
    found.close()


def soon(true: Callable[[], object]) -> bool:
    deadline = time.monotonic() + 6 * FLUSH_SECONDS
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return bool(true())


def test_progress_and_log_are_seen_soon_and_the_last_of_them_at_the_end(
    context: JobContext, database: Database
) -> None:
    context.progress(0.25, "Fold 1 of 4")
    context.log("began\n")
    assert soon(lambda: jobs.get(database, context.job_id).progress == 0.25)
    assert jobs.get(database, context.job_id).message == "Fold 1 of 4"
    assert jobs.get(database, context.job_id).log == "began\n"
    context.progress(7, "Last")
    context.close()
    job = jobs.get(database, context.job_id)
    assert (job.progress, job.message) == (1.0, "Last")


def test_reporting_costs_a_job_next_to_nothing(context: JobContext) -> None:
    started = time.process_time()
    for n in range(10_000):
        context.progress(n / 10_000, "counting")
    assert time.process_time() - started < 1  # a write each would take minutes


def test_a_job_hears_at_its_next_report_that_it_was_cancelled(
    context: JobContext, database: Database
) -> None:
    jobs.cancel(database, context.job_id)
    with pytest.raises(Cancelled):  # noqa: PT012  # it takes until the next look at the row
        while True:
            context.progress(0.5, "still at it")
            time.sleep(0.02)


def test_what_a_job_does_against_errors_does_not_swallow_its_cancelling() -> None:
    assert not issubclass(Cancelled, Exception)


def test_a_row_that_somebody_else_ended_is_not_written_to(
    context: JobContext, database: Database
) -> None:
    claims.finish(database, context.job_id, "w", "interrupted", error="gone")
    context.progress(0.9, "late")
    context.close()
    job = jobs.get(database, context.job_id)
    assert (job.progress, job.message, job.error) == (0.0, "", "gone")


def test_a_long_log_keeps_its_end(context: JobContext, database: Database) -> None:
    for n in range(20_000):
        context.log(f"line {n}")
    context.close()
    log = jobs.get(database, context.job_id).log
    assert len(log) == MOST_LOG_CHARACTERS
    assert log.endswith("line 19999\n")


def test_a_kept_file_is_found_and_the_same_name_replaces_it(
    context: JobContext, database: Database
) -> None:
    context.keep("report.html", b"old", "text/html")
    context.keep("report.html", b"new", "text/html; charset=utf-8")
    kept = jobs.file(database, context.job_id, "report.html")
    assert kept == (b"new", "text/html; charset=utf-8")
    assert blobs.sweep(database, older_than_seconds=-1) == 1  # the old one; the new one is named
    assert jobs.file(database, context.job_id, "report.html") == kept


@pytest.mark.parametrize("name", ["../x", "", "a b", ".x", 'a"b', "x" * 61])
def test_a_file_name_that_is_no_plain_name_is_refused(context: JobContext, name: str) -> None:
    with pytest.raises(Unusable, match="A job cannot keep a file named"):
        context.keep(name, b"", "text/html")


def test_sweeping_is_a_job_that_says_how_many_went(context: JobContext, database: Database) -> None:
    blobs.store(database, b"loose")
    assert kinds.sweep(context) == {"removed": 0}  # younger than an hour
    assert kinds.sweep(context, older_than_seconds=-1) == {"removed": 1}


def test_results_become_plain_json() -> None:
    result = {"auc": np.float64(0.5), "n": np.int64(3), "bad": float("nan"), 4: (1, [np.inf])}
    assert child.plain(result) == {"auc": 0.5, "n": 3, "bad": None, "4": [1, [None]]}
    with pytest.raises(TypeError):
        child.plain({"model": object()})
