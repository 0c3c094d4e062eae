"""The shadow: the challenger answers the same requests, unseen and after the champion has.

What was committed is offered to a queue and scored by a thread of its own, so nobody waits for it.
It takes a quarter of a core at most. What does not fit is dropped and counted, first of all work:
when the queue is full, when the pipeline stays overloaded, when the database cannot take the rows
or the challenger cannot be loaded. Rows stored and rows dropped add up to those offered.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from backend.errors import WatchdeskError
from backend.records import shadows
from backend.records.database import Database
from backend.records.predictions import Row
from backend.service.challengers import Challengers
from backend.service.champions import Loaded
from backend.service.requests import LogRow, Request
from backend.service.seldom import Seldom
from backend.service.shadow_work import Work, score, together

log = logging.getLogger(__name__)
log.addFilter(Seldom())  # each line is about one batch that failed

MOST_WAITING_ROWS = 10_000
ROWS_PER_BATCH = 1_000
GATHER_S = 0.05  # more come in this time, and many rows cost little more than one
PATIENCE_S = 1.0  # for the pipeline to catch up; longer than that is overload
SHARE = 0.25  # of a core

_ID, _AT = (Row._fields.index(name) for name in ("prediction_id", "at"))

Count = Callable[[str, int], None]


class Shadow:
    """Scores what is offered with each model's challenger.

    `wants` and `offer` belong to the event loop and take no lock; `refresh` to one thread at a
    time; everything else happens in the shadow's own thread.

    Args:
        load: gives a version by model and number.
        is_busy: whether more waits to be answered than one batch takes.
        scored, dropped: told a model and a number of rows, from the shadow's thread or the loop.
    """

    def __init__(
        self,
        database: Database,
        load: Callable[[str, int], Loaded],
        *,
        is_busy: Callable[[], bool] = lambda: False,
        scored: Count = lambda _model, _rows: None,
        dropped: Count = lambda _model, _rows: None,
    ) -> None:
        self._database = database
        self._challengers = Challengers(database, load)
        self._is_busy = is_busy
        self._scored = scored
        self._dropped = dropped
        self._queue: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._rows_offered = 0  # written by the loop alone
        self._rows_done = 0  # written by the shadow's thread alone
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def refresh(self) -> None:
        """Read which challengers are to score.

        Raises:
            Unavailable: the database cannot be read; what is known goes on.
        """
        if not self._challengers.refresh():
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="shadow", daemon=True)
            self._thread.start()
        self._queue.put(None)

    @property
    def is_on(self) -> bool:
        """Whether any model has a challenger that scores."""
        return self._challengers.is_any

    def wants(self, model: str) -> bool:
        """Whether the model has a challenger that scores."""
        return self._challengers.wants(model)

    def offer(
        self,
        champion: Loaded,
        rows: Sequence[Sequence[Any]],
        prediction_ids: Sequence[bytes],
        ats: Sequence[int],
    ) -> None:
        """Leave answered rows to be scored, as far as there is room; never waits, never raises.

        Args:
            champion: the version that answered them, whose signature read them.
            prediction_ids, ats: of each row, as in the log.
        """
        if not self.wants(champion.model) or self._challengers.is_wanted_itself(champion):
            return
        room = max(MOST_WAITING_ROWS - (self._rows_offered - self._rows_done), 0)
        work = Work(champion, rows, prediction_ids, ats)
        if len(rows) > room:
            self._dropped(champion.model, len(rows) - room)
            work = work.part(0, room)
        if work.rows:
            self._rows_offered += len(work.rows)
            self._queue.put(work)

    def offer_batch(self, batch: Iterable[Request], rows: Sequence[LogRow]) -> None:
        """Offer what a batch has answered; `rows` are those that it added to the log, in order."""
        groups: dict[int, tuple[Loaded, list[Sequence[Any]], list[LogRow]]] = {}
        start = 0
        for request in batch:
            end = start + (len(request.rows) if request.refusal is None else 1)
            loaded = request.loaded
            if loaded is not None and request.refusal is None and self.wants(loaded.model):
                _, values, logged = groups.setdefault(id(loaded), (loaded, [], []))
                values += request.rows
                logged += rows[start:end]
            start = end
        for champion, values, logged in groups.values():
            self.offer(champion, values, [row[_ID] for row in logged], [row[_AT] for row in logged])

    def close(self) -> None:
        """End the thread once the rows at work are stored; what still waits is dropped."""
        self._closing.set()
        self._queue.put(None)
        if self._thread is not None:
            self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._closing.is_set():
            batch = self._take()
            self._challengers.load()
            if self._is_overloaded():
                self._drop([*batch, *self._waiting()])
                continue
            began = time.thread_time()
            for work in together(batch):
                for start in range(0, len(work.rows), ROWS_PER_BATCH):
                    self._answer(work.part(start, start + ROWS_PER_BATCH))
            used = time.thread_time() - began
            self._closing.wait(used / SHARE - used)
        self._drop(self._waiting())

    def _take(self) -> list[Work]:
        """Wait for work, and take about a batch of it."""
        first = self._queue.get()
        if self._rows_offered - self._rows_done < ROWS_PER_BATCH:
            self._closing.wait(GATHER_S)
        batch = [first] if first is not None else []
        return batch + self._waiting(ROWS_PER_BATCH)

    def _waiting(self, most: int = MOST_WAITING_ROWS) -> list[Work]:
        """What waits, until it has `most` rows or more."""
        batch: list[Work] = []
        rows = 0
        while rows < most and not self._queue.empty():
            work = self._queue.get()
            if work is not None:
                batch.append(work)
                rows += len(work.rows)
        return batch

    def _is_overloaded(self) -> bool:
        """Whether the pipeline stays busy for longer than a large request takes."""
        until = time.monotonic() + PATIENCE_S
        while self._is_busy():
            if time.monotonic() > until or self._closing.wait(GATHER_S):
                return True
        return False

    def _answer(self, work: Work) -> None:
        """Score rows of one champion and store the answers."""
        challenger = self._challengers.of(work.champion)
        if challenger is None:
            self._drop([work])
            return
        stored = 0
        try:
            rows = score(challenger, work)
            for start in range(0, len(rows), shadows.ROWS_PER_TRANSACTION):
                part = rows[start : start + shadows.ROWS_PER_TRANSACTION]
                shadows.append(self._database, part)
                stored += len(part)
        except WatchdeskError as error:
            log.warning("%d shadow answers were not stored: %s", len(work.rows), error.detail)
        except Exception:
            log.exception("shadow answers were lost")
        if stored:
            self._rows_done += stored
            self._scored(work.champion.model, stored)
        self._drop([work.part(stored, len(work.rows))])

    def _drop(self, batch: Iterable[Work]) -> None:
        for work in batch:
            if work.rows:
                self._rows_done += len(work.rows)
                self._dropped(work.champion.model, len(work.rows))
