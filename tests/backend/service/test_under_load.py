"""Real processes under load: killed, and promoted in the middle of it."""

import signal
import threading
import time
from collections.abc import Callable

import pytest
import requests

from backend.records import aliases, log
from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from tests.conftest import Problem, Service

pytestmark = pytest.mark.processes
EVER = Window(0, 1 << 60)


class Callers:
    """Threads that predict until told to stop, and remember what they were told."""

    def __init__(self, service: Service, features: list[float], clients: int) -> None:
        self.answers: list[tuple[str, int, float]] = []
        self.failures: list[str] = []
        self._service = service
        self._features = features
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._call) for _ in range(clients)]
        for thread in self._threads:
            thread.start()

    def _call(self) -> None:
        with requests.Session() as session:
            while not self._stop.is_set():
                try:
                    response = session.post(
                        f"{self._service.url}/predict",
                        json={"features": self._features},
                        timeout=10,
                    )
                except requests.RequestException:
                    self.failures.append("connection")
                    return
                if response.status_code != 200:
                    self.failures.append(response.text)
                    return
                found = response.json()
                self.answers.append((found["prediction_id"], found["version"], time.monotonic()))

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


def first_row(problem: Problem) -> list[float]:
    return [float(value) for value in problem.frame.iloc[0]]


def test_a_killed_service_has_logged_all_it_answered(
    service: Service,
    database: Database,
    registered: Callable[..., Version],
    problems: dict[str, Problem],
) -> None:
    registered("breast_cancer")
    answered: set[str] = set()
    for _ in range(3):
        service.start()
        callers = Callers(service, first_row(problems["breast_cancer"]), clients=8)
        time.sleep(0.7)
        service.stop(signal.SIGKILL)
        callers.stop()
        answered |= {identity for identity, _, _ in callers.answers}
    rows = log.page(database, log.Filter("breast_cancer", EVER), limit=1_000_000)
    assert len(answered) > 100
    assert answered <= set(rows["prediction_id"])


def test_a_promotion_takes_effect_within_a_second_and_fails_no_request(
    service: Service,
    database: Database,
    registered: Callable[..., Version],
    problems: dict[str, Problem],
) -> None:
    registered("breast_cancer")
    registered("breast_cancer", promoted=False)
    service.start()
    callers = Callers(service, first_row(problems["breast_cancer"]), clients=4)
    time.sleep(0.5)
    moved = []
    for number in (2, 1, 2):
        aliases.promote(database, "breast_cancer", number, actor="tester", reason="swap")
        moved.append((time.monotonic(), number))
        time.sleep(1.3)
    callers.stop()
    assert callers.failures == []
    for (at, number), (until, _) in zip(moved, [*moved[1:], (float("inf"), 0)], strict=True):
        after = {v for _, v, when in callers.answers if at + 1 < when < until}
        assert after == {number}
    rows = log.page(database, log.Filter("breast_cancer", EVER), limit=1_000_000)
    named = dict(zip(rows["prediction_id"], rows["version"], strict=True))
    assert all(named[identity] == version for identity, version, _ in callers.answers)


def test_a_locked_database_is_a_503_that_recovers(
    service: Service,
    database: Database,
    registered: Callable[..., Version],
    problems: dict[str, Problem],
) -> None:
    registered("breast_cancer")
    service.start()
    body = {"features": first_row(problems["breast_cancer"])}
    assert service.post("/predict", body).status_code == 200
    with database.write():
        response = service.post("/predict", body)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "1"
    assert response.json()["detail"] == (
        "The database cannot be used at the moment: database is locked. Try again; nothing was"
        " changed."
    )
    assert service.post("/predict", body).status_code == 200
    assert log.count(database, log.Filter("breast_cancer", EVER)) == 2


def test_an_altered_artefact_is_refused_and_the_old_champion_goes_on(
    service: Service,
    database: Database,
    registered: Callable[..., Version],
    problems: dict[str, Problem],
) -> None:
    registered("iris")
    service.start()
    bad = registered("iris", promoted=False, note="another")
    with database.write() as connection:
        connection.exec_driver_sql(
            "UPDATE blob_chunks SET bytes = zeroblob(length(bytes)) WHERE sha256 = ?",
            (bad.files["model.joblib"],),
        )
        same = database.is_sqlite
    assert same
    for cached in (service.settings.data_dir / "cache").glob("*"):
        cached.unlink()
    aliases.promote(database, "iris", 2, actor="tester", reason="damaged")
    time.sleep(1)
    body = {"features": first_row(problems["iris"])}
    assert service.post("/predict", body).json()["version"] == 1
    refused = service.post("/models/iris/versions/2/what-if", body)
    assert refused.status_code == 503
    assert "was altered, so it is not served" in refused.json()["detail"]
