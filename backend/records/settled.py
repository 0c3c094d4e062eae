"""Up to which id the log is settled: every row at or below it that will ever be seen is seen.

Whoever reads the log by id, a stretch after another, may pass over an id only when no row can
still appear below it. On SQLite writers follow one another, and ids become visible in order. On
PostgreSQL a transaction draws its id when it inserts and shows it when it commits, in any order.
"""

import time
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.records.database import Database
from backend.records.tables import predictions

LOOK_SECONDS = 0.002
PATIENCE_SECONDS = 1.0

# NULL before the first row. The sequence hands out ids one at a time (CACHE 1, PostgreSQL's own
# setting), so what it gave last is the greatest that anybody has.
_DRAWN = sa.text(
    "SELECT coalesce(pg_sequence_last_value("
    "pg_get_serial_sequence('predictions', 'id')::regclass), 0)"
)
# An insert takes this lock before it draws an id, and lets go of it after its rows can be seen.
_WRITERS = sa.text(
    "SELECT DISTINCT virtualtransaction FROM pg_locks WHERE locktype = 'relation'"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND relation = 'predictions'::regclass AND mode = 'RowExclusiveLock' AND granted"
)


def settled(database: Database, patience_seconds: float = PATIENCE_SECONDS) -> int | None:
    """An id at or below which nothing more will appear; rows committed before the call are.

    Args:
        patience_seconds: PostgreSQL: wait so long for the transactions that may have drawn an id.

    Returns:
        The id, 0 in an empty log; None when a transaction outlasted the patience.

    PostgreSQL: S is what the sequence gave last, L the transactions that hold the table's insert
    lock, read after S. A transaction with an id ≤ S took the lock before it drew the id; so either
    it is in L, or it had ended when L was read. Once all of L have ended, all ids ≤ S are decided.
    (The oldest transaction id would not do: one that drew its row's id may have none yet.)
    """
    with database.read() as connection:
        if database.is_sqlite:
            return int(connection.scalar(sa.select(sa.func.max(predictions.c.id))) or 0)
        drawn = int(connection.execute(_DRAWN).scalar_one())
        deadline = time.monotonic() + patience_seconds
        waiting = _writers(connection)
        while waiting:
            if time.monotonic() > deadline:
                return None
            time.sleep(LOOK_SECONDS)
            waiting &= _writers(connection)
        return drawn


def _writers(connection: Connection) -> set[str]:
    found: Collection[str] = connection.scalars(_WRITERS).all()
    return set(found)
