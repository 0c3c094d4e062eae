"""`python -m tests.backend.records.writers URL`: four processes that write to one log at once.

Each logs in transactions of a few rows, some of which are rolled back, and some of which stay open
for a while after their rows have drawn their ids, as a slow disk or a paused machine may do.
"""

import os
import random
import sys
import time

from backend.records.database import Database, connect
from backend.records.predictions import Row, insert

WRITERS = 4
TRANSACTIONS = 60


class Abandoned(Exception):
    """Raised to roll back."""


def row(at: int) -> Row:
    """A row that names no version."""
    ids = os.urandom(16), os.urandom(16)
    return Row(*ids, at, "m", None, "live", "failed", None, None, None, None, 1.0, "why")


def write(
    database: Database, seed: int, transactions: int = TRANSACTIONS, abandoned: float = 0.2
) -> None:
    """Log rows; a share of the transactions is rolled back."""
    draw = random.Random(seed)
    for _ in range(transactions):
        try:
            with database.write() as connection:
                made = [row(draw.randrange(10**10)) for _ in range(draw.randint(1, 9))]
                insert(connection, database.is_sqlite, made)
                if not database.is_sqlite:
                    time.sleep(draw.random() * 0.02)
                if draw.random() < abandoned:
                    raise Abandoned
        except Abandoned:
            continue


def main(url: str) -> None:
    children = []
    for seed in range(WRITERS):
        child = os.fork()
        if not child:
            write(connect(url), seed)
            os._exit(0)
        children.append(child)
    for child in children:
        _, status = os.waitpid(child, 0)
        assert status == 0


if __name__ == "__main__":
    main(sys.argv[1])
