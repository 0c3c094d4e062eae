"""SQLite as we use it: in WAL mode, on the SQLite that `pysqlite3` carries.

That is 3.53; the one in most Pythons has the WAL-reset bug, fixed in 3.51.3. Every write begins
IMMEDIATE: a deferred transaction that reads and then writes fails at once when another writer is
there, whatever its time-out is. Writers take turns (turns.py) before they begin.
"""

from pathlib import Path
from typing import Any, Literal

import pysqlite3.dbapi2 as sqlite
import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine

Synchronous = Literal["NORMAL", "FULL"]

BUSY_TIMEOUT_MS = 5_000
# A write-ahead log that outgrew this is cut to it when SQLite next begins it anew.
WAL_KEPT_BYTES = 64 << 20


def sqlite_engine(address: URL, synchronous: Synchronous) -> Engine:
    """An engine for the file at `address`, whose folder is made.

    Raises:
        OSError: the folder cannot be made.
    """
    if address.database and address.database != ":memory:":
        Path(address.database).absolute().parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        address,
        module=sqlite,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1_000, "check_same_thread": False},
    )

    @sa.event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: object) -> None:
        # The driver must not begin transactions on its own: `_begin` below does.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            f"journal_size_limit={WAL_KEPT_BYTES}",
            f"synchronous={synchronous}",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("watchdesk_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN DEFERRED")

    return engine
