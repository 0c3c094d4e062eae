"""`python -m tests.console.summaries.derivers SECONDS`: writers and derivers, killed at random.

Two processes log rows in small transactions. Three others derive summaries as fast as they can;
every few milliseconds one of them is killed (signal 9) wherever it is, and another takes its place.
Forked from this process, so that each lives in an instant and has libraries of its own.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Callable

from backend.records.database import connect
from backend.settings import Settings
from backend.versions.artefacts import Store
from console.summaries.derive import Deriver
from tests.console.summaries.logged import START, append, rows

WRITERS, DERIVERS = 2, 3


def forked(work: Callable[[], None]) -> int:
    """Run something in a process of its own; returns its id."""
    child = os.fork()
    if not child:
        work()
        os._exit(0)
    return child


def write(settings: Settings, seed: int, seconds: float) -> None:
    """Log rows of some hours until the time is over."""
    database, ends = connect(settings.database_url), time.monotonic() + seconds
    draw = random.Random(seed)
    while time.monotonic() < ends:
        first = START + draw.randrange(6) * 3_600_000_000
        made = rows("mixed", 40, draw.randrange(10**6), first, 7_200_000_000)
        append(database, made, draw.randint(1, 40))


def derive(settings: Settings) -> None:
    """Derive until killed."""
    deriver = Deriver(connect(settings.database_url), Store.of(settings))
    while True:
        if not deriver.step(rows=60).more:
            time.sleep(0.001)


def main(seconds: float) -> None:
    settings = Settings.from_environment()
    draw = random.Random(0)
    derivers = [forked(lambda: derive(settings)) for _ in range(DERIVERS)]
    writers = [forked(lambda seed=seed: write(settings, seed, seconds)) for seed in range(WRITERS)]  # type: ignore[misc]  # mypy cannot infer a lambda's default
    killed, ends = 0, time.monotonic() + seconds
    while time.monotonic() < ends:
        time.sleep(draw.random() * 0.12)
        place = draw.randrange(DERIVERS)
        os.kill(derivers[place], signal.SIGKILL)
        assert os.waitpid(derivers[place], 0)[1] == signal.SIGKILL  # not an end of its own
        derivers[place] = forked(lambda: derive(settings))
        killed += 1
    for writer in writers:
        assert os.waitpid(writer, 0)[1] == 0
    for child in derivers:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    sys.stdout.write(f"{killed}\n")


if __name__ == "__main__":
    main(float(sys.argv[1]))
