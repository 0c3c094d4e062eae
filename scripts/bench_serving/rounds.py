"""Interleaved rounds: each service in turn, started, warmed, measured and ended; then again.

One at a time, so that nobody idles beside the one that is measured: some peers poll while idle.
"""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

from scripts.bench_serving import client
from scripts.bench_serving.calls import Bodies, Call
from scripts.bench_serving.client import Measured
from scripts.bench_serving.logged import Log, LostRows, require
from scripts.bench_serving.models import BATCH_ROWS, Trained
from scripts.bench_serving.places import Places
from scripts.bench_serving.servers import Failed, check, drain, prepare, serve
from scripts.bench_serving.services import Service

CONNECTIONS = (1, 16, 64)
BATCH_CONNECTIONS = 4
BATCH = "batch"
WARM_UP_S = 2
MOST_FAILURES = 2


@dataclass(frozen=True)
class Sample:
    """One run of the client; `load` is the number of connections, or `batch`."""

    service: str
    model: str
    load: str
    round: int
    measured: Measured


@dataclass(frozen=True)
class Turn:
    """A service with a model, in one round."""

    service: Service
    trained: Trained
    round: int

    def say(self, what: str) -> None:
        """Tell whoever waits."""
        print(f"{self.round}  {self.trained.name:8} {self.service.name:18} {what}", flush=True)


@dataclass
class Rounds:
    """What is measured, and what has been.

    Attributes:
        seconds: how long each run of the client is.
        samples: every run.
        failed: why turns of a service failed, by its name; after two it has no more.
        checked: rows of ours that were answered and found in the log.
    """

    places: Places
    bodies: Bodies
    seconds: int
    samples: list[Sample] = field(default_factory=list)
    failed: dict[str, list[str]] = field(default_factory=dict)
    checked: int = 0

    def measure(self, services: Sequence[Service], models: Sequence[Trained], rounds: int) -> None:
        """Every service with every model, so many times over.

        Raises:
            LostRows: the log of ours lacks what it answered; then nothing is worth reporting.
        """
        for number, trained, service in product(range(rounds + 1), models, services):
            # A bare route has no model, so once a round is enough.
            if service.kind == "bare" and trained != models[0]:
                continue
            if len(self.failed.get(service.name, ())) >= MOST_FAILURES:
                continue
            turn = Turn(service, trained, number)
            try:
                if number == 0:
                    prepare(service, trained, self.places)
                else:
                    self._take(turn)
            except Failed as failure:
                self.failed.setdefault(service.name, []).append(str(failure))
                turn.say(f"failed. {failure}")

    def _take(self, turn: Turn) -> None:
        service = turn.service
        # What the turn before left to be written to the disk is not this one's to wait for.
        os.sync()
        with serve(service, turn.trained, self.places) as url:
            ids = check(service, turn.trained, url, self.bodies)
            warming = self.bodies.file(service.single, 1)
            client.load(url + service.single.path, warming, CONNECTIONS[-1], WARM_UP_S)
            if service.kind != "ours":
                self._run(turn, url, None)
                return
            log = Log(self.places.turn)
            try:
                log.settled()
                if missing := log.lacks(ids):
                    raise LostRows(f"{missing} of {len(ids)} prediction ids are not in the log.")
                self._run(turn, url, log)
            finally:
                log.close()
        shutil.rmtree(self.places.turn)

    def _run(self, turn: Turn, url: str, log: Log | None) -> None:
        for load, call, connections, rows in _loads(turn.service):
            body = self.bodies.file(call, rows)
            if log is None:
                drain(turn.service, url, self.bodies)
            measured = client.load(url + call.path, body, connections, self.seconds)
            if log is not None:
                answered = measured.completed - measured.refused
                labels = turn.trained.labels[:rows]
                self.checked += require(log.settled(), answered, labels, connections)
            sample = Sample(turn.service.name, turn.trained.name, load, turn.round, measured)
            self.samples.append(sample)
            turn.say(f"{load:>5} {measured.rate:9,.0f}/s  p99 {measured.p99_ms:.2f} ms")


def _loads(service: Service) -> list[tuple[str, Call, int, int]]:
    """The runs of one turn: name, call, connections and rows a request."""
    singles = [(str(count), service.single, count, 1) for count in CONNECTIONS]
    batches = [(BATCH, service.batch, BATCH_CONNECTIONS, BATCH_ROWS)] if service.batch else []
    return [*singles, *batches]
