"""The one way of a prediction: collect, predict, log, commit, answer.

Requests that wait together are predicted together, inserted together, committed once and then
answered. Nothing waits for a timer: whatever is there when the thread is free makes the batch.
One thread predicts and writes, so the event loop only reads and answers.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import msgspec
import uuid_utils

from backend.errors import Unavailable, Unusable, WatchdeskError
from backend.records import predictions
from backend.records.database import Database, now
from backend.records.predictions import Row
from backend.service.champions import Loaded
from backend.versions.scorer import Scored

log = logging.getLogger(__name__)

MOST_WAITING_ROWS = 20_000
ROWS_PER_BATCH = 1_000


@dataclass(slots=True, eq=False)
class Request:
    """One request on its way: read and valid, or refused and only to be logged."""

    model: str
    loaded: Loaded | None = None
    rows: Sequence[Sequence[Any]] = ()
    refusal: WatchdeskError | None = None
    excerpt: str | None = None
    single: bool = False
    at: int = field(default_factory=now)
    started: float = field(default_factory=time.perf_counter)
    answers: list[dict[str, Any]] = field(default_factory=list)
    answered: "asyncio.Future[None] | None" = None

    @property
    def weight(self) -> int:
        """The rows it adds to the log."""
        return max(len(self.rows), 1)


class Pipeline:
    """Collects requests on the event loop; a thread of its own predicts and commits them."""

    def __init__(self, database: Database) -> None:
        self.running = False
        self._database = database
        self._waiting: deque[Request] = deque()
        self._rows_waiting = 0
        self._arrived = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pipeline")

    async def answer(self, request: Request) -> list[dict[str, Any]]:
        """Put a request in line and wait until its rows are committed.

        Returns:
            One answer per row, in order.

        Raises:
            WatchdeskError: the request's own refusal, once it is in the log.
            Unavailable: too much is waiting, or the database cannot take the rows; nothing of
                this request was logged.
        """
        if self._rows_waiting + request.weight > MOST_WAITING_ROWS + ROWS_PER_BATCH:
            raise Unavailable(
                f"{self._rows_waiting:,} rows are waiting to be answered already. Try again in a"
                " second, or send less at a time."
            )
        request.answered = asyncio.get_running_loop().create_future()
        self._waiting.append(request)
        self._rows_waiting += request.weight
        self._arrived.set()
        await request.answered
        if request.refusal is not None:
            raise request.refusal
        return request.answers

    async def run(self) -> None:
        """Take what waits, again and again, until cancelled."""
        self.running = True
        try:
            await self._run(asyncio.get_running_loop())
        finally:
            self.running = False

    async def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._waiting:
                batch = self._take()
                failure = await loop.run_in_executor(self._thread, self._process, batch)
                for request in batch:
                    _settle(request, failure)

    def close(self) -> None:
        """Wait for the batch at work to end."""
        self._thread.shutdown()

    def _take(self) -> list[Request]:
        """The requests of the next batch: at least one, and then up to a batch's rows."""
        batch: list[Request] = []
        rows = 0
        while self._waiting and (not batch or rows + self._waiting[0].weight <= ROWS_PER_BATCH):
            request = self._waiting.popleft()
            rows += request.weight
            batch.append(request)
        self._rows_waiting -= rows
        return batch

    def _process(self, batch: list[Request]) -> WatchdeskError | None:
        """Predict and commit a batch; the returned error is every request's."""
        try:
            predictions.append(self._database, _predicted(batch))
        except WatchdeskError as error:
            log.warning("%d requests were not logged: %s", len(batch), error.detail)
            return error
        except Exception:
            log.exception("a batch could not be logged")
            return Unavailable("The prediction could not be logged, so it is not answered.")
        return None


def _predicted(batch: list[Request]) -> list[Row]:
    """Predict a batch's requests, and the rows that they add to the log."""
    for together in _by_version(batch):
        _predict(together)
    return [row for request in batch for row in _rows(request)]


def _settle(request: Request, failure: WatchdeskError | None) -> None:
    future = request.answered
    if future is None or future.done():  # the caller has gone
        return
    if failure is None:
        future.set_result(None)
    else:
        future.set_exception(failure)


def _by_version(batch: list[Request]) -> Iterable[list[Request]]:
    groups: dict[int, list[Request]] = {}
    for request in batch:
        if request.loaded is not None and request.refusal is None:
            groups.setdefault(id(request.loaded), []).append(request)
    return groups.values()


def _predict(requests: list[Request]) -> None:
    """Predict requests of one version together; if that fails, each alone."""
    loaded = requests[0].loaded
    if loaded is None:
        return
    try:
        scored = loaded.scorer.score([row for request in requests for row in request.rows])
    except Exception as error:  # noqa: BLE001  # an estimator may raise anything
        if len(requests) > 1:
            for request in requests:
                _predict([request])
            return
        requests[0].refusal = Unusable(
            f"Version {loaded.number} of `{loaded.model}` could not answer these values"
            f" ({type(error).__name__}: {str(error)[:200]}). Compare them with the ranges in"
            f" `GET /models/{loaded.model}`."
        )
        return
    start = 0
    for request in requests:
        end = start + len(request.rows)
        request.answers = [
            answer(loaded, scored, i, request.rows[i - start]) for i in range(start, end)
        ]
        start = end


def answer(loaded: Loaded, scored: Scored, i: int, row: Sequence[Any]) -> dict[str, Any]:
    """What row `i` is answered, but for its id."""
    found: dict[str, Any] = {"model": loaded.model, "version": loaded.number}
    if scored.labels is None or scored.scores is None or scored.probabilities is None:
        found["value"] = None if scored.values is None else float(scored.values[i])
    else:
        found["label"] = scored.labels[i]
        found["score"] = float(scored.scores[i])
        shares = scored.probabilities[i].tolist()
        labels = loaded.signature.labels
        found["probabilities"] = {str(n): p for n, p in zip(labels, shares, strict=True)}
    if not loaded.signature.all_numeric and (unseen := loaded.signature.unseen(row)):
        found["unseen"] = unseen
    return found


def _rows(request: Request) -> list[Row]:
    """The rows of the log, with the ids of the answers."""
    shared = Row(
        prediction_id=b"",
        request_id=uuid_utils.uuid7().bytes,
        at=request.at,
        model=request.model,
        version=request.loaded.number if request.loaded else None,
        source="live",
        outcome="answered",
        features=request.excerpt,
        label=None,
        value=None,
        score=None,
        latency_ms=(time.perf_counter() - request.started) * 1_000,
        error=None,
    )
    if request.refusal is not None:
        outcome = "failed" if request.rows else "refused"
        identity = uuid_utils.uuid7().bytes
        detail = request.refusal.detail.replace("\0", "\ufffd")  # PostgreSQL's text takes no NUL
        return [shared._replace(prediction_id=identity, outcome=outcome, error=detail)]
    return [
        _answered(request, shared, values, found)
        for values, found in zip(request.rows, request.answers, strict=True)
    ]


def _answered(request: Request, shared: Row, values: Sequence[Any], found: dict[str, Any]) -> Row:
    identity = uuid_utils.uuid7()
    found["prediction_id"] = str(identity)
    label = found.get("label")
    return shared._replace(
        prediction_id=identity.bytes,
        features=_features(request, values),
        label=None if label is None else str(label),
        value=found.get("value"),
        score=found.get("score"),
    )


def _features(request: Request, values: Sequence[Any]) -> str:
    loaded = request.loaded
    named = loaded.signature.as_object(values) if loaded else {}
    return msgspec.json.encode(named).decode()
