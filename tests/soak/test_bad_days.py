"""Ten minutes of bad days, mixed: what was answered is kept, and nobody has to restart anything."""

import contextlib
import os
import random
import resource
import signal
import time
from collections import Counter
from collections.abc import Callable

import pytest
import requests

from backend.records import aliases
from backend.records.database import Database
from backend.records.registry import Version
from tests.backend.service.callers import Callers, is_whole, logged, lost, truths, unanswered
from tests.conftest import Problem, Service
from tests.processes.conftest import descendants, lives, wait_until

CLIENTS = 6
PAUSE_SECONDS = 0.01


class Days:
    """What may happen to a service, one thing after the other, as chance has it."""

    def __init__(self, service: Service, database: Database, seed: int) -> None:
        self.happened: Counter[str] = Counter()
        self._service = service
        self._database = database
        self._chance = random.Random(seed)
        self._champion = 1

    def next(self) -> None:
        """Let something happen, and wait until it is over."""
        events = (self.kill, self.lock, self.fill, *[self.promote] * 4, *[self.rest] * 3)
        event = self._chance.choice(events)
        self.happened[event.__name__] += 1
        event()

    def rest(self) -> None:
        """Nothing."""
        time.sleep(self._chance.uniform(0, 2))

    def kill(self) -> None:
        """kill -9 of one of the service's processes; if it was the first, start it again."""
        process = self._service.process
        assert process is not None
        workers = descendants(process.pid)
        victim = self._chance.choice([process.pid, *workers])
        if victim != process.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
            return
        self._service.stop(signal.SIGKILL)
        wait_until(lambda: not any(map(lives, workers)), "its workers have left")
        self._service.start()

    def lock(self) -> None:
        """Somebody writes, for a moment or for longer than the service waits."""
        with self._database.write():
            time.sleep(self._chance.choice((0.05, 0.5, 7.0)))

    def fill(self) -> None:
        """No file of the service's may grow for a while."""
        process = self._service.process
        assert process is not None
        for pid in (process.pid, *descendants(process.pid)):
            limit(pid, 300_000)
        time.sleep(self._chance.uniform(0.2, 2))
        for pid in (process.pid, *descendants(process.pid)):
            limit(pid, resource.RLIM_INFINITY)

    def promote(self) -> None:
        """The other version answers from now on."""
        self._champion = 3 - self._champion
        aliases.promote(
            self._database, "breast_cancer", self._champion, actor="tester", reason="soak"
        )
        time.sleep(self._chance.uniform(0, 0.5))


def limit(pid: int, size: int) -> None:
    """A limit to the length of the files that a process writes."""
    with contextlib.suppress(ProcessLookupError):  # it ended a moment ago
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))


def is_ready(service: Service) -> bool:
    """Whether it can answer."""
    try:
        return requests.get(f"{service.url}/ready", timeout=5).ok
    except requests.RequestException:
        return False


@pytest.mark.parametrize("workers", [1, 2])
def test_bad_days_one_after_the_other_lose_nothing_and_need_nobody(
    service: Service,
    database: Database,
    registered: Callable[..., Version],
    problems: dict[str, Problem],
    minutes: float,
    workers: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    registered("breast_cancer")
    registered("breast_cancer", promoted=False)
    service.extra["WATCHDESK_WORKERS"] = str(workers)
    service.start()
    days, end = Days(service, database, seed=workers), time.monotonic() + minutes * 30
    with Callers(service, problems["breast_cancer"], CLIENTS, PAUSE_SECONDS) as callers:
        while time.monotonic() < end:
            days.next()
        wait_until(lambda: is_ready(service), "the service is ready", 60)
        callers.wait_for(100)
    rows = logged(database)
    statuses = Counter(told.status for told in [*callers.answers, *callers.refusals])
    with capsys.disabled():
        print(f"\n{workers} workers: {dict(days.happened)}, {dict(statuses)}, {len(rows):,} rows")  # noqa: T201  # it was long
    assert set(statuses) <= {200, 503}
    assert lost(callers, rows) == []
    assert unanswered(callers, rows) == []
    assert set(callers.truths) <= truths(database)
    assert {version for told in callers.answers for version in told.versions} == {1, 2}
    assert is_whole(database)
