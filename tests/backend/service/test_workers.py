"""Several workers on one port: nothing is lost, nothing stays, and all change together."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.errors import Refused
from backend.records import aliases, log
from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.service import workers
from backend.settings import ROOT, Settings
from tests.backend.service import fleet
from tests.backend.service.fleet import Callers, Deployment
from tests.backend.service.scraped import of, total
from tests.conftest import Problem, Service
from tests.databases import settings_on
from tests.processes.conftest import environment, lives, wait_until

pytestmark = pytest.mark.processes
EVER = Window(0, 1 << 60)
TWO = Deployment("sqlite", 2)
on = pytest.mark.parametrize


@pytest.fixture
def deployment(request: pytest.FixtureRequest) -> Deployment:
    """Two workers on SQLite, or as the test says."""
    return getattr(request, "param", TWO)


@pytest.fixture
def settings(deployment: Deployment, request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings on the deployment's database."""
    return settings_on(deployment.database, request, tmp_path)


@pytest.fixture
def services(deployment: Deployment, settings: Settings, tmp_path: Path) -> Iterator[list[Service]]:
    """The replicas, to be started by `up`; each has a data directory of its own."""
    found = [
        Service(
            settings,
            extra={
                "WATCHDESK_WORKERS": str(deployment.workers),
                "WATCHDESK_DATA_DIR": str(tmp_path / f"replica{i}" if i else settings.data_dir),
                "WATCHDESK_KEY_FILE": str(settings.key_file),
            },
        )
        for i in range(deployment.replicas)
    ]
    yield found
    for service in found:
        service.stop()


@pytest.fixture
def running(
    deployment: Deployment, services: list[Service], registered: Callable[..., Version]
) -> list[Service]:
    """The replicas, started and with a champion."""
    registered("breast_cancer")
    return up(services, deployment)


@pytest.fixture
def body(problems: dict[str, Problem]) -> dict[str, object]:
    """A request that can be answered."""
    return {"features": [float(value) for value in problems["breast_cancer"].frame.iloc[0]]}


def up(services: list[Service], deployment: Deployment) -> list[Service]:
    for service in services:
        service.start()
    for service in services:
        fleet.settle(service, deployment.workers)
    return services


def logged(database: Database) -> dict[str, int]:
    rows = log.page(database, log.Filter("breast_cancer", EVER), limit=1_000_000)
    return dict(zip(rows["prediction_id"], rows["version"], strict=True))


@on(
    "deployment",
    [
        pytest.param(TWO, id="2 workers on SQLite"),
        pytest.param(Deployment("sqlite", 4), id="4 workers on SQLite"),
        pytest.param(
            Deployment("postgresql", 2, replicas=2),
            id="2 workers in each of 2 replicas on PostgreSQL",
            marks=pytest.mark.postgres,
        ),
    ],
    indirect=True,
)
def test_a_promotion_reaches_every_worker_within_a_second_and_fails_no_request(
    deployment: Deployment,
    running: list[Service],
    registered: Callable[..., Version],
    database: Database,
    body: dict[str, object],
) -> None:
    registered("breast_cancer", promoted=False)
    moved = []
    with Callers(running, deployment.workers, body) as callers:
        callers.wait_for(100)
        for number in (2, 1, 2):
            aliases.promote(database, "breast_cancer", number, actor="tester", reason="swap")
            moved.append((time.monotonic(), number))
            time.sleep(1.2)
            callers.wait_for(50)
    assert callers.failures == []
    assert callers.broken == 0
    for (at, number), (until, _) in zip(moved, [*moved[1:], (float("inf"), 0)], strict=True):
        assert {v for _, v, when in callers.answers if at + 1 < when < until} == {number}
    found = logged(database)
    callers.check(found)
    assert len(found) == len(callers.answers)  # and nothing else is in the log


def test_what_two_workers_count_adds_up_and_outlives_one_of_them(
    running: list[Service], body: dict[str, object]
) -> None:
    service = running[0]
    with Callers(running, 2, body, threads_per_worker=4) as callers:
        callers.wait_for(1_000)
    asked = len(callers.answers)
    assert callers.failures == []
    texts = {1: "", 2: ""}
    while not all(texts.values()):  # whichever worker is asked
        text = service.get("/metrics").text
        texts[fleet.number_of(service)] = text
        for name in ("rows_logged_total", "batch_rows_sum", "request_latency_seconds_count"):
            assert total(text, f"watchdesk_{name}") == asked, name
        assert total(text, "watchdesk_predictions_total", outcome="answered") == asked
        assert of(text, "watchdesk_champion_version") == {"model=breast_cancer": 1}
        assert "process_" not in text  # they would be one worker's, and another's next time

    fleet.kill(fleet.pids(service)[0])
    fleet.settle(service, 2)
    assert service.post("/predict", body).status_code == 200
    assert total(service.get("/metrics").text, "watchdesk_rows_logged_total") == asked + 1


@on(
    "deployment",
    [
        pytest.param(TWO, id="SQLite"),
        pytest.param(Deployment("postgresql", 2), id="PostgreSQL", marks=pytest.mark.postgres),
    ],
    indirect=True,
)
def test_a_killed_worker_loses_no_answered_row_and_is_replaced(
    running: list[Service], database: Database, body: dict[str, object]
) -> None:
    service = running[0]
    with Callers(running, 2, body, threads_per_worker=4, reconnect=True) as callers:
        callers.wait_for(100)
        before = fleet.pids(service)
        fleet.kill(before[0])
        callers.wait_for(50)  # from the other
        fleet.settle(service, 2)
        callers.wait_for(50)
    assert len(set(fleet.pids(service)) - set(before)) == 1
    assert callers.failures == []
    assert callers.broken > 0
    callers.check(logged(database))


def test_nothing_stays_when_the_parent_is_killed(
    services: list[Service], registered: Callable[..., Version], body: dict[str, object]
) -> None:
    registered("breast_cancer")
    before = fleet.folders()
    service = up(services, TWO)[0]
    theirs = fleet.pids(service)
    assert len(theirs) == 2
    assert len(fleet.folders() - before) == 1
    with Callers(services, 2, body) as callers:
        callers.wait_for(20)
        service.stop(signal.SIGKILL)
        wait_until(lambda: not any(map(lives, theirs)), "the workers are gone", 12)
    workers.listen("127.0.0.1", service.port).close()  # raises if anybody listens there
    wait_until(lambda: fleet.folders() <= before, "their counts are gone")


@on("how", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_all_end_in_order(
    services: list[Service],
    database: Database,
    registered: Callable[..., Version],
    body: dict[str, object],
    how: int,
) -> None:
    registered("breast_cancer")
    before = fleet.folders()
    service = up(services, TWO)[0]
    theirs = fleet.pids(service)
    with Callers(services, 2, body) as callers:
        callers.wait_for(20)
        service.stop(how)
        assert not any(map(lives, theirs))
    assert service.process is not None
    assert service.process.returncode == 0
    assert fleet.folders() <= before
    assert callers.failures == []
    callers.check(logged(database))


def test_a_second_service_cannot_join_the_port(
    services: list[Service], settings: Settings, registered: Callable[..., Version]
) -> None:
    service = services[0].start()
    second = environment(settings, WATCHDESK_WORKERS="2", WATCHDESK_PORT=str(service.port))
    ended = subprocess.run(
        [sys.executable, "-m", "backend"],
        cwd=ROOT,
        env=second,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr == (
        f"The prediction service cannot listen on 127.0.0.1:{service.port} (Address already in"
        " use). Stop what uses it, or set `WATCHDESK_PORT` to another port.\n"
    )


def test_several_workers_need_a_sqlite_that_they_cannot_corrupt() -> None:
    with pytest.raises(Refused) as refused:
        workers.refuse_old_sqlite("3.51.2")
    assert refused.value.detail == (
        "`WATCHDESK_WORKERS` is above 1 and the database is SQLite 3.51.2, in which several writing"
        " processes can corrupt the file; expected 3.51.3 or later. Install `requirements.txt`"
        " again, set `WATCHDESK_WORKERS=1`, or use PostgreSQL."
    )
    for version in ("3.51.3", "3.53.4", "4.0.0", None):
        workers.refuse_old_sqlite(version)


def test_what_dies_as_it_starts_is_started_ever_more_seldom() -> None:
    pauses = [workers.pause_after(failures) for failures in range(12)]
    assert pauses[:4] == [0.0, 0.5, 1.0, 2.0]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 30.0


def test_a_worker_is_no_command_for_a_person(settings: Settings) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "backend", "worker", "1"],
        cwd=ROOT,
        env=environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr == "Usage: python -m backend [serve | migrate]\n"
