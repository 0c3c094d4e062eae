"""Callers for tests with real processes: keep-alive clients that remember what they were told."""

import http.client
import itertools
import json
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any, Self

import msgspec
import sqlalchemy as sa

from backend.records.database import Database
from backend.records.predictions import text_of
from backend.records.tables import feedback, predictions
from tests.conftest import Problem, Service
from tests.processes.conftest import wait_until

BATCH_ROWS = 20
FEEDBACK_EVERY = 10


@dataclass(frozen=True)
class Told:
    """What one caller was told: `numbers` tell its rows from all others', `ids` are theirs."""

    status: int
    numbers: tuple[float, ...]
    ids: tuple[str, ...]
    versions: frozenset[int]
    detail: str
    retry_after: str | None
    asked: float
    at: float


@dataclass(frozen=True)
class Logged:
    """One row of the log, by what identifies it."""

    prediction_id: str
    request_id: str
    number: float
    version: int | None
    outcome: str


class Callers:
    """Threads that predict until told to stop, over one kept connection each.

    Each row carries a number of its own as its first feature, so that the log shows what became of
    it. Every fourth request is a batch, and every tenth is followed by a truth. A connection that
    breaks is opened anew. Each thread rests for `pause` seconds between requests.
    """

    def __init__(
        self, service: Service, problem: Problem, clients: int = 8, pause: float = 0.0
    ) -> None:
        self.broken: list[str] = []
        self.truths: list[str] = []
        self._by_status: defaultdict[int, list[Told]] = defaultdict(list)
        self._pause = pause
        self._port = service.port
        self._path = f"/models/{problem.name}/predict"
        self._rest = first_row(problem)[1:]
        self._truth = problem.signature.labels[0]
        self._numbers = itertools.count(1)
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._call) for _ in range(clients)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    @property
    def answers(self) -> list[Told]:
        """Those that were answered."""
        return list(self._by_status[200])

    @property
    def refusals(self) -> list[Told]:
        """Those that were told anything else."""
        statuses = set(self._by_status) - {200}
        return [told for status in statuses for told in self._by_status[status]]

    def wait_for(self, more: int, status: int = 200) -> None:
        """Wait until so many more were told this status."""
        told = self._by_status[status]
        enough = len(told) + more
        wait_until(lambda: len(told) >= enough, f"{more} more callers are told {status}", 60)

    def _call(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        for turn in itertools.count(1):
            if self._stop.wait(self._pause):
                break
            try:
                told = self._predict(connection, BATCH_ROWS if turn % 4 == 0 else 1)
                if told.ids and turn % FEEDBACK_EVERY == 0:
                    self._report(connection, told.ids[0])
            except (OSError, http.client.HTTPException) as error:
                self.broken.append(type(error).__name__)
                connection.close()
                time.sleep(0.1)
        connection.close()

    def _predict(self, connection: http.client.HTTPConnection, rows: int) -> Told:
        numbers = tuple(float(next(self._numbers)) for _ in range(rows))
        instances = [[number, *self._rest] for number in numbers]
        body = {"features": instances[0]} if rows == 1 else {"instances": instances}
        asked = time.monotonic()
        status, found, retry_after = post(connection, self._path, body)
        answers = found.get("predictions", [found]) if status == 200 else []
        told = Told(
            status=status,
            numbers=numbers,
            ids=tuple(answer["prediction_id"] for answer in answers),
            versions=frozenset(answer["version"] for answer in answers),
            detail=found.get("detail", ""),
            retry_after=retry_after,
            asked=asked,
            at=time.monotonic(),
        )
        self._by_status[status].append(told)
        return told

    def _report(self, connection: http.client.HTTPConnection, prediction_id: str) -> None:
        body = {"prediction_id": prediction_id, "ground_truth": self._truth}
        if post(connection, "/feedback", body)[0] == 200:
            self.truths.append(prediction_id)


def post(
    connection: http.client.HTTPConnection, path: str, body: object
) -> tuple[int, dict[str, Any], str | None]:
    """POST JSON over a kept connection: the status, the answer and its `Retry-After`."""
    headers = {"Content-Type": "application/json"}
    connection.request("POST", path, json.dumps(body).encode(), headers)
    response = connection.getresponse()
    found = json.loads(response.read())
    return response.status, found, response.headers["Retry-After"]


def first_row(problem: Problem) -> list[float]:
    """The features of a problem's first row, in order."""
    return [float(value) for value in problem.frame.iloc[0]]


def logged(database: Database) -> list[Logged]:
    """Every row of the log that has features; the number is the first of them."""
    query = sa.select(predictions).order_by(predictions.c.id)
    with database.read() as connection:
        rows = connection.execute(query).all()
    return [
        Logged(
            prediction_id=text_of(row.prediction_id),
            request_id=text_of(row.request_id),
            number=next(iter(msgspec.json.decode(row.features))),
            version=row.version,
            outcome=row.outcome,
        )
        for row in rows
    ]


def truths(database: Database) -> set[str]:
    """The predictions whose truth is recorded."""
    with database.read() as connection:
        return {text_of(key) for key in connection.scalars(sa.select(feedback.c.prediction_id))}


def lost(callers: Callers, rows: list[Logged]) -> list[str]:
    """The answered predictions that the log has not exactly once, with their values and version."""
    times = Counter(row.prediction_id for row in rows)
    kept = {
        (row.prediction_id, row.number, row.version) for row in rows if row.outcome == "answered"
    }
    return [
        prediction_id
        for told in callers.answers
        for prediction_id, number in zip(told.ids, told.numbers, strict=True)
        if times[prediction_id] != 1
        or not any((prediction_id, number, version) in kept for version in told.versions)
    ]


def unanswered(callers: Callers, rows: list[Logged]) -> list[float]:
    """The numbers of rows that the log has as answered although their caller was refused."""
    kept = {row.number for row in rows if row.outcome == "answered"}
    refused = {number for told in callers.refusals for number in told.numbers}
    return sorted(kept & refused)


def is_whole(database: Database) -> bool:
    """Whether SQLite finds its file undamaged."""
    with database.read() as connection:
        return bool(connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok")
