"""`python -m tests.backend.records.auditors URL`: four processes that change things at once.

Some of what they change is taken back, and on PostgreSQL some transactions stay open for a while
before they record and after, as on a slow machine.
"""

import os
import random
import sys
import time
from collections.abc import Iterator

from sqlalchemy.engine import Connection

from backend.records import audit
from backend.records.database import Database, connect

WRITERS = 4
TRANSACTIONS = 40


class Abandoned(Exception):
    """Raised to roll back."""


def drawn(writer: int) -> Iterator[tuple[list[str], bool]]:
    """The names of what a writer changes in each transaction, and whether it is taken back."""
    draw = random.Random(writer)
    for transaction in range(TRANSACTIONS):
        names = [f"{writer}.{transaction}.{n}" for n in range(draw.randint(1, 4))]
        yield names, draw.random() < 0.25


def record(connection: Connection, names: list[str]) -> None:
    """Record a change for each name."""
    for name in names:
        audit.append(connection, actor="a", action="try", subject="s", detail={"name": name})


def abandon(database: Database, names: list[str]) -> None:
    """Record changes and take them back.

    Raises:
        Abandoned: always.
    """
    with database.write() as connection:
        record(connection, names)
        raise Abandoned


def change(database: Database, writer: int) -> None:
    """Change what is drawn for a writer."""
    pause = random.Random(-1 - writer)
    for names, is_abandoned in drawn(writer):
        try:
            with database.write() as connection:
                if not database.is_sqlite:
                    time.sleep(pause.random() * 0.005)
                record(connection, names)
                if not database.is_sqlite:
                    time.sleep(pause.random() * 0.005)
                if is_abandoned:
                    raise Abandoned
        except Abandoned:
            continue


def main(url: str) -> None:
    children = []
    for writer in range(WRITERS):
        child = os.fork()
        if not child:
            change(connect(url), writer)
            os._exit(0)
        children.append(child)
    for child in children:
        _, status = os.waitpid(child, 0)
        assert status == 0


if __name__ == "__main__":
    main(sys.argv[1])
