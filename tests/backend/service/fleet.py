"""Several workers, and several such services, on one database; and callers spread over them."""

import os
import signal
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests.backend.service.scraped import total
from tests.conftest import Service
from tests.processes.conftest import descendants, lives, wait_until


@dataclass(frozen=True)
class Deployment:
    """What a test runs on."""

    database: str
    workers: int
    replicas: int = 1


def settle(service: Service, workers: int) -> None:
    """Wait until so many workers of a service run and answer."""
    wait_until(
        lambda: total(service.get("/metrics").text, "watchdesk_workers") == workers,
        f"{workers} workers run",
        60,
    )
    # They count themselves a moment before they listen.
    silent = set(range(1, workers + 1))
    deadline = time.monotonic() + 20
    while silent:
        assert time.monotonic() < deadline, f"workers {silent} do not answer"
        silent.discard(number_of(service))


def number_of(service: Service) -> int:
    """The number of the worker that a new connection reaches."""
    return int(service.get("/health").json()["worker"])


def pids(service: Service) -> list[int]:
    """The workers' process ids."""
    assert service.process is not None
    return sorted(filter(lives, descendants(service.process.pid)))


def folders() -> set[Path]:
    """The folders of counts that exist on this machine."""
    places = (Path("/dev/shm"), Path(tempfile.gettempdir()))  # noqa: S108  # only looked at
    return {folder for place in places for folder in place.glob("watchdesk-metrics-*")}


def kill(pid: int) -> None:
    """Kill a worker and wait until it is gone: a connection that reaches it meanwhile is reset.

    Its parent has noted its end by then; before that, some of its threads may have its socket.
    """
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not Path(f"/proc/{pid}").exists(), "the killed worker is gone")


@dataclass
class Callers:
    """Threads that predict, the same number at each worker of each service, until told to stop."""

    services: list[Service]
    workers: int
    body: dict[str, object]
    threads_per_worker: int = 2
    reconnect: bool = False
    answers: list[tuple[str, int, float]] = field(default_factory=list)
    """Each with the prediction's id, the version, and when it came (time.monotonic)."""
    failures: list[str] = field(default_factory=list)
    """What was answered other than 200."""
    broken: int = 0
    """Connections that broke."""

    def __enter__(self) -> "Callers":
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._call, args=(service, number))
            for service in self.services
            for number in range(1, self.workers + 1)
            for _ in range(self.threads_per_worker)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, more: int) -> None:
        """Wait until so many more were answered."""
        enough = len(self.answers) + more
        wait_until(lambda: len(self.answers) >= enough, f"{more} more answers", 60)

    def _call(self, service: Service, number: int) -> None:
        session = _connect(service, number)
        while not self._stop.is_set():
            try:
                response = session.post(f"{service.url}/predict", json=self.body, timeout=20)
            except requests.ConnectionError:
                self.broken += 1
                if not self.reconnect:
                    return
                session = requests.Session()
                continue
            if response.status_code == 200:
                found = response.json()
                self.answers.append((found["prediction_id"], found["version"], time.monotonic()))
            else:
                self.failures.append(response.text)
        session.close()

    def check(self, logged: dict[str, int]) -> None:
        """Every answer is in the log (version by id) once, with the version that answered."""
        ids = Counter(identity for identity, _, _ in self.answers)
        assert ids.most_common(1)[0][1] == 1
        assert {i: v for i, v, _ in self.answers}.items() <= logged.items()


def _connect(service: Service, number: int) -> requests.Session:
    """A kept connection to this worker: the kernel chooses, so choose until it is the one."""
    while True:
        session = requests.Session()
        if session.get(f"{service.url}/health", timeout=20).json()["worker"] == number:
            return session
        session.close()
