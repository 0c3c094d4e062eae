"""Whether somebody does a thing already, so that several processes do not do the same work.

For thrift alone: what must not happen twice is guarded where it is written. The lock ends with its
holder, kill -9 included: on SQLite it is the kernel's, on a file beside the database; on PostgreSQL
an advisory lock of a connection.
"""

import contextlib
import zlib
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from backend.records.database import Database, translated
from backend.records.turns import Locked, Turns


@contextlib.contextmanager
def alone(database: Database, what: str) -> Iterator[bool]:
    """Be the only one who does `what` while the block lasts; gives whether that is so.

    Raises:
        Unavailable: the database cannot be reached.
    """
    holder = _by_file if database.is_sqlite else _by_advice
    with holder(database, what) as is_alone:
        yield is_alone


@contextlib.contextmanager
def _by_file(database: Database, what: str) -> Iterator[bool]:
    if database.turns is None:  # in memory: nobody else can see it
        yield True
        return
    turns = Turns(Path(f"{database.turns.database}-{what}"))
    with contextlib.ExitStack() as stack:
        stack.callback(turns.close)
        try:
            stack.enter_context(turns.take(0.0))
        except Locked:
            yield False
        else:
            yield True


@contextlib.contextmanager
def _by_advice(database: Database, what: str) -> Iterator[bool]:
    key = {"key": zlib.crc32(f"watchdesk {what}".encode())}
    with translated(), database.engine.connect() as pooled:
        connection = pooled.execution_options(isolation_level="AUTOCOMMIT")
        taken = bool(connection.scalar(sa.text("SELECT pg_try_advisory_lock(:key)"), key))
        try:
            yield taken
        finally:
            if taken:
                # Closed, not given back: a connection that kept the lock would keep it for good.
                connection.invalidate()
