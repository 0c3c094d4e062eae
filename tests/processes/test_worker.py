"""Workers and their jobs as the real processes they are, killed in every way."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from backend.records.database import Database
from backend.settings import Settings
from console import jobs
from console.jobs.queue import Job
from tests.processes.conftest import Process, descendants, environment, lives, wait_until

pytestmark = pytest.mark.processes
Run = Callable[..., Process]


@pytest.fixture
def worker(run: Run, settings: Settings) -> Callable[..., Process]:
    """A function that starts a worker."""

    def start(*arguments: str) -> Process:
        return run("-m", "tests.processes.run_worker", *arguments, env=environment(settings))

    return start


def submit(database: Database, kind: str, **params: object) -> int:
    return jobs.submit(database, kind, params, by="tester")


def ended(database: Database, job_id: int, seconds: float = 20.0) -> Job:
    wait_until(lambda: not jobs.get(database, job_id).is_active, f"job {job_id} ended", seconds)
    return jobs.get(database, job_id)


def running(database: Database, worker: Process, job_id: int) -> int:
    """Wait until a job has begun its work, and return its process's id."""
    wait_until(lambda: jobs.get(database, job_id).message, f"job {job_id} reports")
    (child,) = descendants(worker.pid)
    return child


def test_two_workers_run_every_job_once(
    database: Database, worker: Callable[..., Process], tmp_path: Path
) -> None:
    ids = [submit(database, "notes", path=str(tmp_path / "ran"), line=f"{n}") for n in range(8)]
    for process in [worker("--once"), worker("--once")]:
        assert process.wait(60) == 0
    assert sorted((tmp_path / "ran").read_text().split()) == [f"{n}" for n in range(8)]
    found = [jobs.get(database, each) for each in ids]
    assert {job.state for job in found} == {"done"}
    assert len({job.worker for job in found}) == 2
    assert found[0].result == {"share": None}


def test_progress_log_and_heartbeat_are_seen_while_a_job_runs(
    database: Database, worker: Callable[..., Process]
) -> None:
    job_id = submit(database, "slow", seconds=4)
    worker()
    wait_until(lambda: jobs.get(database, job_id).progress > 0.2, "progress")
    early = jobs.get(database, job_id)
    assert early.state == "running"
    assert early.message.endswith(" s")
    assert early.log == "begins\n"
    assert early.started_at is not None
    late = ended(database, job_id)
    assert (late.state, late.progress, late.result) == ("done", 1.0, {"seconds": 4})
    assert late.heartbeat_at is not None
    assert late.heartbeat_at > early.started_at + 1_000_000


def test_a_refusal_is_the_jobs_error_and_a_bug_is_a_plain_sentence_with_its_traceback_logged(
    database: Database, worker: Callable[..., Process]
) -> None:
    refused, broken, unknown, kept = (
        submit(database, kind) for kind in ("refuses", "breaks", "dance", "keeps")
    )
    assert worker("--once").wait(60) == 0
    assert jobs.get(database, refused).state == "failed"
    assert jobs.get(database, refused).error == "The column `age` is empty. Leave it out."
    bug = jobs.get(database, broken)
    assert bug.error == (
        "A bug ended this job (`ZeroDivisionError: division by zero`). Its log has the details;"
        " please report them."
    )
    assert bug.log.startswith("about to divide\nTraceback (most recent call last):")
    error = jobs.get(database, unknown).error
    assert error is not None
    assert error.startswith("There is no kind of job `dance`; this release knows ")
    assert jobs.file(database, kept, "report.html") == (b"<p>drift</p>", "text/html")


def test_a_killed_job_is_interrupted_and_its_worker_goes_on(
    database: Database, worker: Callable[..., Process]
) -> None:
    job_id, following = submit(database, "slow", seconds=60), submit(database, "sweep")
    os.kill(running(database, worker(), job_id), signal.SIGKILL)
    job = ended(database, job_id)
    assert job.state == "interrupted"
    assert job.error == (
        "The job's process was killed (signal 9; the system does so when memory runs out)."
        " Nothing of it is half done; start it again."
    )
    assert ended(database, following).result == {"removed": 0}


def test_a_killed_worker_takes_its_job_along_and_the_next_one_says_so(
    database: Database, worker: Callable[..., Process]
) -> None:
    job_id = submit(database, "slow", seconds=60)
    first = worker()
    child = running(database, first, job_id)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    wait_until(lambda: not lives(child), "the job's process left", 4)
    assert jobs.get(database, job_id).state == "running"
    worker()
    job = ended(database, job_id)
    assert job.state == "interrupted"
    assert job.error == (
        "The worker that ran this job ended before it was finished. Nothing of it is half done;"
        " start it again."
    )


def test_a_worker_that_is_told_to_stop_says_so_on_its_job_and_leaves_nothing(
    database: Database, worker: Callable[..., Process]
) -> None:
    job_id = submit(database, "slow", seconds=60)
    process = worker()
    child = running(database, process, job_id)
    process.terminate()
    assert process.wait(10) == 0
    assert not lives(child)
    job = jobs.get(database, job_id)
    assert job.state == "interrupted"
    assert job.error == (
        "The worker was stopped while this job ran. Nothing of it is half done; start it again."
    )


def test_cancelling_ends_a_job_and_one_that_does_not_listen_is_killed(
    database: Database, worker: Callable[..., Process]
) -> None:
    worker()
    for kind, params, within in (("slow", {"seconds": 60.0}, 3.0), ("stubborn", {}, 6.0)):
        job_id = jobs.submit(database, kind, params, by="tester")
        wait_until(lambda job_id=job_id: jobs.get(database, job_id).message, "it reports")  # type: ignore[misc]  # mypy cannot infer a lambda's default
        jobs.cancel(database, job_id)
        job = ended(database, job_id, within)
        assert (job.state, job.error) == ("cancelled", None)


def test_what_a_job_started_ends_with_it(
    database: Database, worker: Callable[..., Process], tmp_path: Path
) -> None:
    path = tmp_path / "pid"
    job_id = submit(database, "parents", path=str(path))
    worker()
    wait_until(lambda: path.exists() and path.read_text(), "the grandchild runs")
    grandchild = int(path.read_text())
    assert lives(grandchild)
    jobs.cancel(database, job_id)
    assert ended(database, job_id).state == "cancelled"
    wait_until(lambda: not lives(grandchild), "the grandchild left", 3)


def test_an_idle_worker_costs_almost_nothing(worker: Callable[..., Process]) -> None:
    process = worker()
    time.sleep(3)

    def seconds() -> float:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    before = seconds()
    time.sleep(3)
    assert seconds() - before < 0.09  # 3 % of a processor
