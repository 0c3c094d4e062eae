"""`python -m tests.console.summaries.derivers`: writers and derivers, killed at random.

Two processes log rows in small transactions, as long as the rest lasts. Three others derive
summaries as fast as they can; every few milliseconds one of them is killed (signal 9) wherever it
is, and another takes its place. Forked from this process, so that each lives in an instant and has
libraries of its own.
"""

import os
import random
import signal
import time
from collections.abc import Callable

from backend.records import summaries
from backend.records.database import connect
from backend.settings import Settings
from backend.versions.artefacts import Store
from console.summaries.derive import Deriver
from tests.console.summaries.logged import START, append, rows

WRITERS, DERIVERS = 2, 3
KILLED, SUMMARISED = 20, 200  # it lasts until so many were killed, and so many rows summarised


def forked(work: Callable[[], None]) -> int:
    """Run something in a process of its own; returns its id."""
    child = os.fork()
    if not child:
        work()
        os._exit(0)
    return child


def write(settings: Settings, seed: int) -> None:
    """Log rows of some hours until killed."""
    database, draw = connect(settings.database_url), random.Random(seed)
    while True:
        first = START + draw.randrange(6) * 3_600_000_000
        made = rows("mixed", 40, draw.randrange(10**6), first, 7_200_000_000)
        append(database, made, draw.randint(1, 40))


def derive(settings: Settings) -> None:
    """Derive until killed."""
    deriver = Deriver(connect(settings.database_url), Store.of(settings))
    while True:
        if not deriver.step(rows=60).more:
            time.sleep(0.001)


def main() -> None:
    settings = Settings.from_environment()
    draw = random.Random(0)
    derivers = [forked(lambda: derive(settings)) for _ in range(DERIVERS)]
    writers = [forked(lambda seed=seed: write(settings, seed)) for seed in range(WRITERS)]  # type: ignore[misc]  # mypy cannot infer a lambda's default
    killed = 0
    while killed < KILLED or summarised(settings) < SUMMARISED:
        time.sleep(draw.random() * 0.12)
        place = draw.randrange(DERIVERS)
        os.kill(derivers[place], signal.SIGKILL)
        assert os.waitpid(derivers[place], 0)[1] == signal.SIGKILL  # not an end of its own
        derivers[place] = forked(lambda: derive(settings))
        killed += 1
    for child in [*writers, *derivers]:
        os.kill(child, signal.SIGKILL)
        assert os.waitpid(child, 0)[1] == signal.SIGKILL


def summarised(settings: Settings) -> int:
    """Up to which row the summaries are."""
    database = connect(settings.database_url)
    with database.read() as connection:
        found = summaries.watermark(connection).id
    database.dispose()
    return found


if __name__ == "__main__":
    main()
