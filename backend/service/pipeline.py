"""The one pipeline: collect, predict, log, commit, answer.

Requests that wait together are predicted together, inserted together, committed once and then
answered. Nothing waits for a timer: whatever is there when the pipeline is free makes the batch.

Where that happens is measured, not fixed. A batch of a compiled version takes less time than
handing it to a thread and back, so it stays on the event loop. A slow estimator, a disk or a
server to wait for (`synchronous=FULL`, PostgreSQL) and a database that another writer holds go
to the pipeline's own thread.
"""

import asyncio
import contextlib
import logging
import time
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from operator import itemgetter

from backend.errors import Unavailable, WatchdeskError
from backend.records.appender import Appender, Busy
from backend.records.checkpoints import Checkpoints
from backend.records.database import Database
from backend.records.predictions import Row
from backend.service.metrics import Metrics
from backend.service.requests import LogRow, Request, parts_of, rows_of
from backend.service.scoring import is_quick, predict
from backend.service.seldom import Seldom
from backend.service.shadow import Shadow

log = logging.getLogger(__name__)
log.addFilter(Seldom())  # each line is about one batch that failed

MOST_WAITING_ROWS = 20_000
ROWS_PER_BATCH = 1_000
# More rows than this hold up the event loop for longer than they save.
ROWS_ON_LOOP = 256
# So often the loop reads its sockets before a batch is closed, if each time brings more.
LOOKS = 6

_counted = itemgetter(*(Row._fields.index(n) for n in ("model", "version", "outcome", "label")))


@dataclass(slots=True)
class Batch:
    """Requests that are predicted and committed together.

    Attributes:
        weight: the rows that they add to the log.
        rows: those rows, once they are predicted.
        failure: why none of them is answered.
    """

    requests: list[Request] = field(default_factory=list)
    weight: int = 0
    rows: list[LogRow] = field(default_factory=list)
    failure: WatchdeskError | None = None


class Pipeline:
    """Collects requests on the event loop and answers them once they are committed."""

    def __init__(
        self,
        database: Database,
        metrics: Metrics | None = None,
        synchronous: str = "NORMAL",
        shadow: Shadow | None = None,
    ) -> None:
        self.running = True
        self._metrics = metrics or Metrics()
        self._shadow = shadow
        self._checkpoints = Checkpoints(database)
        self._impatient = Appender(database, patient=False, checkpoints=self._checkpoints)
        self._patient = Appender(database, patient=True, checkpoints=self._checkpoints)
        # Only a commit that waits for neither disk nor network is made on the loop.
        self._commits_on_loop = database.is_sqlite and synchronous == "NORMAL"
        self._waiting: deque[Request] = deque()
        self._rows_waiting = 0
        self._at_work = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pipeline")

    @property
    def busy(self) -> bool:
        """Whether more waits than one batch takes, so that what need not be done should not."""
        return self._rows_waiting > ROWS_PER_BATCH

    async def answer(self, request: Request) -> list[dict[str, object]]:
        """Put a request in line and wait until its rows are committed.

        A request of more than 1,000 rows is predicted whole, then committed in parts, with other
        requests between them.

        Returns:
            One answer per row, in order.

        Raises:
            WatchdeskError: the request's own refusal, once it is in the log.
            Unavailable: too much is waiting, or the database cannot take the rows. Nothing of the
                request was logged; of one of more than 1,000 rows, its first parts may have been.
        """
        rows = request.weight
        if self._rows_waiting + rows > MOST_WAITING_ROWS:
            self._metrics.overloaded()
            raise Unavailable(
                f"{self._rows_waiting:,} rows are waiting to be answered already. Try again in a"
                " second, or send less at a time."
            )
        self._rows_waiting += rows
        try:
            if rows > ROWS_PER_BATCH:
                await self._answer_in_parts(request)
            else:
                await self._line_up(request)
        finally:
            self._rows_waiting -= rows
            if not self._rows_waiting:
                self._metrics.waiting(0)
        if request.refusal is not None:
            raise request.refusal
        return request.answers

    def close(self) -> None:
        """Wait for the batch at work to end."""
        self.running = False
        self._thread.shutdown()
        self._checkpoints.close()
        self._impatient.close()
        self._patient.close()

    async def _answer_in_parts(self, request: Request) -> None:
        loop = asyncio.get_running_loop()
        parts = parts_of(request, ROWS_PER_BATCH)
        for part in parts:
            await loop.run_in_executor(self._thread, predict, [part])
            if part.refusal is not None:
                request.refusal = part.refusal
                await self._line_up(request)
                return
        for part in parts:
            await self._line_up(part)
            request.answers += part.answers

    def _line_up(self, request: Request) -> "asyncio.Future[None]":
        """Put a request in line; what it gives is done when its rows are committed."""
        loop = asyncio.get_running_loop()
        request.answered = loop.create_future()
        self._waiting.append(request)
        if not self._at_work:
            self._at_work = True
            loop.call_soon(self._gather, loop, 0, LOOKS)
        return request.answered

    def _gather(self, loop: asyncio.AbstractEventLoop, seen: int, looks: int) -> None:
        """Let the loop read its sockets again as long as that brings more; nothing is waited for.

        The more rows a batch has, the less each costs, and those who are there go along.
        """
        waiting = len(self._waiting)
        if looks and seen < waiting < ROWS_ON_LOOP:
            loop.call_soon(self._gather, loop, waiting, looks - 1)
        else:
            self._turn(loop)

    def _turn(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take what waits, and see that it is predicted, committed and answered."""
        batch = self._take()
        if not batch.requests:
            self._at_work = False
            return
        if batch.weight <= ROWS_ON_LOOP and is_quick(batch.requests):
            _predict(batch)
            if self._commits_on_loop:
                # Busy: another writer is at work, and the thread can wait for it.
                with contextlib.suppress(Busy):
                    self._commit(batch, self._impatient)
                    self._settle(batch)
                    loop.call_soon(self._gather, loop, 0, LOOKS)
                    return
        work = loop.run_in_executor(self._thread, self._work, batch)
        work.add_done_callback(partial(self._worked, loop, batch))

    def _take(self) -> Batch:
        """The requests of the next batch: at least one, and then up to a batch's rows."""
        waiting = self._waiting
        batch = Batch()
        while waiting:
            weight = waiting[0].weight
            if batch.requests and batch.weight + weight > ROWS_PER_BATCH:
                break
            batch.weight += weight
            batch.requests.append(waiting.popleft())
        return batch

    def _work(self, batch: Batch) -> None:
        """In the thread: predict unless that is done, and commit."""
        if not batch.rows:
            _predict(batch)
        self._commit(batch, self._patient)

    def _worked(
        self, loop: asyncio.AbstractEventLoop, batch: Batch, work: "asyncio.Future[None]"
    ) -> None:
        if error := work.exception():
            log.error("a batch was lost", exc_info=error)
            batch.failure = _lost()
        self._settle(batch)
        loop.call_soon(self._gather, loop, 0, LOOKS)

    def _commit(self, batch: Batch, appender: Appender) -> None:
        """Commit a batch's rows; what goes wrong is its `failure`.

        Raises:
            Busy: another writer is at work, and the appender does not wait.
        """
        if batch.failure is not None:
            return
        began = time.perf_counter()
        try:
            appender.append(batch.rows)
            self._metrics.batch(len(batch.rows), time.perf_counter() - began)
        except WatchdeskError as error:
            log.warning("%d rows were not logged: %s", len(batch.rows), error.detail)
            batch.failure = error
        except Busy:
            raise
        except Exception:
            log.exception("a batch could not be logged")
            batch.failure = _lost()

    def _settle(self, batch: Batch) -> None:
        """Wake those who wait for a batch, and count it."""
        for request in batch.requests:
            future = request.answered
            if future is None or future.done():  # the caller has gone
                continue
            if batch.failure is None:
                future.set_result(None)
            else:
                future.set_exception(batch.failure)
        self._metrics.waiting(self._rows_waiting)
        if batch.failure is not None:
            self._metrics.unavailable(len(batch.requests))
            return
        self._count(batch)
        if self._shadow is not None and self._shadow.is_on:
            self._shadow.offer_batch(batch.requests, batch.rows)

    def _count(self, batch: Batch) -> None:
        for (model, version, outcome, label), n in Counter(map(_counted, batch.rows)).items():
            self._metrics.answered(model, version, outcome, label or "", n)
        ended = time.perf_counter()
        took: dict[str, list[float]] = {}
        for request in batch.requests:
            took.setdefault(request.model, []).append(ended - request.started)
        for model, seconds in took.items():
            self._metrics.latency(model, seconds)


def _predict(batch: Batch) -> None:
    """Predict a batch and make the rows that it adds to the log."""
    try:
        predict(batch.requests)
        batch.rows = [row for request in batch.requests for row in rows_of(request)]
    except Exception:
        log.exception("a batch could not be predicted")
        batch.failure = _lost()


def _lost() -> Unavailable:
    return Unavailable("The prediction could not be logged, so it is not answered.")
