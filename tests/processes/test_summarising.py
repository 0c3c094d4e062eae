"""The worker keeps the summaries: in a process of its own, while rows wait, and not after it."""

import os
import signal
from collections.abc import Callable

import pytest

from backend.records import summaries
from backend.records.database import Database
from backend.settings import Settings
from backend.versions.artefacts import Store
from console.jobs import summarising
from tests.console.summaries.logged import append, assert_summarised, rows, version
from tests.processes.conftest import Process, descendants, environment, lives, wait_until

pytestmark = pytest.mark.processes


def pending(database: Database) -> int:
    with database.read() as connection:
        return summaries.pending(connection)


def test_rows_that_wait_are_summarised_by_a_process_that_may_die_and_ends_with_the_worker(
    run: Callable[..., Process], settings: Settings, database: Database, store: Store
) -> None:
    made = version(database, store)
    code = (
        "from console.jobs import summarising, worker;"
        f" summarising.WAIT_SECONDS = {summarising.WAIT_SECONDS / 100};"
        " from backend.settings import Settings; worker.work(Settings.from_environment())"
    )
    worker = run("-c", code, env=environment(settings))
    append(database, rows("mixed", 1_000, 1))
    wait_until(lambda: not pending(database), "all is summarised", 60)
    (first,) = descendants(worker.pid)
    os.kill(first, signal.SIGKILL)
    append(database, rows("mixed", 1_000, 2))
    wait_until(lambda: not pending(database), "all is summarised again", 60)
    (second,) = descendants(worker.pid)
    assert second != first
    assert_summarised(database, [made], store)
    worker.terminate()
    assert worker.wait(15) == 0
    assert not lives(second)
