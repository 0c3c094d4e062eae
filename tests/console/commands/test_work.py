"""`work --once`: what waits is done before it returns."""

import time

import pytest

from backend.records import aliases, announcing
from backend.records.database import Database
from backend.records.tables import jobs as table
from console import jobs
from console.jobs import claims
from tests.console.commands.conftest import Processes
from tests.console.monitors.receivers import webhook
from tests.console.promotion.test_promotion import add_version

HOUR = 3_600_000_000


@pytest.mark.processes
def test_a_webhook_whose_pause_is_over_is_told_again_by_a_worker_that_runs_once(
    database: Database, processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_version(database)
    aliases.promote(database, "m", 1, actor="ada", reason="Better.", announce=True)
    job_id = claims.claim(database, "gone")
    assert job_id is not None
    claims.finish(database, job_id, "gone", "failed", error="The receiver was away.")
    with database.write() as connection:
        connection.execute(table.update().values(ended_at=time.time_ns() // 1_000 - HOUR))
    with webhook() as receiver:
        monkeypatch.setenv("WATCHDESK_PROMOTION_WEBHOOK", receiver.url)
        monkeypatch.setenv("WATCHDESK_PROMOTION_WEBHOOK_SECRET", "not to be told")
        assert processes("work", "--once").code == 0
    found = jobs.recent(database, announcing.KIND)
    assert [(job.state, job.params["attempt"]) for job in found] == [("done", 2), ("failed", 1)]
    assert len(receiver.raw) == 1
