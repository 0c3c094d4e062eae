"""`python -m tests.processes.run_watch UNTIL`: watch through replayed time, five minutes a round.

It goes on from the latest look, so one that was killed is taken up by the next.
"""

import sys

from backend.records import monitors
from backend.records.database import open_database
from backend.settings import Settings
from console.monitors import watch
from console.windows import MINUTE
from tests.console.monitors.conftest import AT

STEP = 5 * MINUTE


def main(until: int) -> None:
    """Watch, and say how many looks counted."""
    settings = Settings.from_environment()
    database = open_database(settings.database_url)
    _say("ready")
    sys.stdin.readline()  # so that several begin at once
    counted, moment = 0, 0
    while moment < until:
        (monitor,) = monitors.all_enabled(database)
        moment = AT if monitor.checked_at is None else monitor.checked_at + STEP
        counted += len(watch.once(database, settings, min(moment, until)).looks)
    database.dispose()
    _say(str(counted))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
