"""Another writer holds the database for longer than the service waits for it."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pysqlite3.dbapi2 as sqlite
import pytest
import requests

from backend.records.database import Database
from backend.records.registry import Version
from tests.backend.service.callers import Callers, first_row, logged, lost, truths, unanswered
from tests.conftest import Problem, Service
from tests.processes.conftest import wait_until

pytestmark = pytest.mark.processes
CLIENTS = 8


class Watcher:
    """Asks `/health` without a pause until told to stop; an answer has two seconds."""

    def __init__(self, service: Service) -> None:
        self.statuses: list[int | str] = []
        self._url = f"{service.url}/health"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "Watcher":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.02):
            try:
                self.statuses.append(requests.get(self._url, timeout=2).status_code)
            except requests.RequestException as error:
                self.statuses.append(type(error).__name__)


@contextlib.contextmanager
def held_by_another_program(database: Database) -> Iterator[None]:
    """A write transaction of somebody who knows nothing of turns: a shell, a backup."""
    connection = sqlite.connect(database.engine.url.database, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE").close()
    yield
    connection.execute("ROLLBACK").close()
    connection.close()


@pytest.fixture
def callers(
    service: Service, registered: Callable[..., Version], problems: dict[str, Problem]
) -> Callers:
    """Callers of a started service, who have yet to begin."""
    registered("breast_cancer")
    return Callers(service.start(), problems["breast_cancer"], CLIENTS)


def test_a_locked_database_is_a_503_that_recovers_and_spoils_nothing(
    service: Service, database: Database, callers: Callers
) -> None:
    with callers:
        callers.wait_for(100)
        with held_by_another_program(database), Watcher(service) as watcher:
            callers.wait_for(CLIENTS, status=503)
        callers.wait_for(100)
    assert {(told.status, told.retry_after) for told in callers.refusals} == {(503, "1")}
    sentence = "The database cannot be used at the moment: database is locked. Try again; nothing"
    assert {told.detail for told in callers.refusals} == {f"{sentence} was changed."}
    assert callers.broken == []
    assert set(watcher.statuses) == {200}
    rows = logged(database)
    assert lost(callers, rows) == []
    assert unanswered(callers, rows) == []
    assert len(rows) == sum(len(told.ids) for told in callers.answers)
    assert set(callers.truths) == truths(database)


def test_who_waits_for_a_locked_database_keeps_nobody_else_from_an_answer(
    service: Service, database: Database, callers: Callers, problems: dict[str, Problem]
) -> None:
    with callers:
        callers.wait_for(100)
    row = first_row(problems["breast_cancer"])
    tensor = {"name": "input", "shape": [1, len(row)], "datatype": "FP64", "data": row}
    sent: list[tuple[str, object]] = [
        ("/predict", {"features": row}),
        ("/invocations", {"instances": [row]}),
        ("/v2/models/breast_cancer/infer", {"inputs": [tensor]}),
    ]
    for told in callers.answers[: 2 * CLIENTS]:
        truth = {"prediction_id": told.ids[0], "ground_truth": "malignant", "correct": True}
        sent.append(("/feedback", truth))
    with ThreadPoolExecutor(len(sent)) as pool:
        with database.write(), Watcher(service) as watcher:
            asked = [pool.submit(service.post, path, body) for path, body in sent]
            wait_until(lambda: all(one.done() for one in asked[:4]), "all kinds are refused")
        answers = [one.result() for one in asked]
    assert [answer.status_code for answer in answers[:4]] == [503] * 4
    assert {answer.headers.get("Retry-After") for answer in answers if not answer.ok} == {"1"}
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert set(watcher.statuses) == {200}
    assert len(watcher.statuses) > CLIENTS
